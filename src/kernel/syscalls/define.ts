import type { Handler } from '../outcome.js';

/**
 * How an argument is written in a log: like strace. 'path' and 'buffer' are read from memory; a buffer's length is the
 * next argument, or the result for calls that fill it.
 */
export type ArgumentType =
  | 'int'
  | 'uint'
  | 'hex'
  | 'pointer'
  | 'fd'
  | 'path'
  | 'in-buffer'
  | 'out-buffer'
  | 'signal'
  | 'open-flags'
  | 'protection'
  | 'map-flags'
  | 'clone-flags'
  | 'futex-op'
  | 'sig-how'
  | 'iovec';

export interface Syscall {
  readonly nr: number;
  readonly name: string;
  readonly args: readonly ArgumentType[];
  readonly run: Handler;
}

export function define(nr: number, name: string, args: readonly ArgumentType[], run: Handler): Syscall {
  return { nr, name, args, run };
}
