// Recognises a signal handler's return trampoline by its code: [pop %eax], mov $119 or $173, %eax, int $0x80.
// Descriptions of trampolines start one byte early, so that the return address minus one is in them; that byte may be
// the end of a longer filling instruction.
import type { CodeSpace } from './code.js';
import type { CheckedFunction } from './functions.js';
import { SYS_RT_SIGRETURN, SYS_SIGRETURN } from './signal.js';

export interface Trampoline {
  readonly number: typeof SYS_SIGRETURN | typeof SYS_RT_SIGRETURN;
  /** The first instruction that does something. */
  readonly at: number;
  /** Where to begin decoding. */
  readonly from: number;
}

/** Instructions before the system call: filling, a pop, the number. */
const INSTRUCTIONS = 4;

function trampolineFrom(code: CodeSpace, from: number, end: number): Trampoline | null {
  let first: number | null = null;
  for (let at = from, count = 0; at < end && count < INSTRUCTIONS; count++) {
    const decoded = code.at(at);
    if (decoded === null) return null;
    if (!decoded.filling) first ??= at;
    const { effect, length } = decoded;
    const loads = effect.kind === 'move' && effect.to.kind === 'register' && effect.to.register === 0;
    if (loads && effect.from.kind === 'constant' && code.at(at + length)?.flow.kind === 'systemCall') {
      const { value } = effect.from;
      const found = value === SYS_SIGRETURN || value === SYS_RT_SIGRETURN;
      return found ? { number: value, at: first ?? at, from } : null;
    }
    at += length;
  }
  return null;
}

/** The trampoline that a description is of; null when it is of something else. */
export function findTrampoline(code: CodeSpace, { start, end }: CheckedFunction): Trampoline | null {
  return trampolineFrom(code, start, end) ?? trampolineFrom(code, start + 1, end);
}
