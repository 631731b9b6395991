// The shadow stack of a thread: what is true of each of its frames, noted when they were made. A list that is never
// changed, so that a snapshot is one reference. SOURCE: i386 psABI section 2.2.2 (CFA: ESP before the call; the return
// address lies below it), arch/x86/include/asm/sigframe.h.
import { SA_SIGINFO } from '../../kernel/abi/signals.js';
import { rtSigframe, sigcontext, sigframe } from '../../kernel/signal/layout.js';

export type ShadowFrame =
  /** The thread begins here: nobody has called. */
  | { readonly kind: 'start' }
  /** What is true is not known any more, with the reason; so it is of all frames further in. */
  | { readonly kind: 'lost'; readonly reason: string }
  | CallFrame
  | SignalFrame;

/** A function that was called, by an instruction or by the kernel (a handler). */
export interface CallFrame {
  readonly kind: 'call';
  readonly outer: ShadowFrame;
  /** The innermost signal frame further out. */
  readonly signal: SignalFrame | null;
  readonly caller: CallerState;
}

/** What the kernel built to come back from a handler; it has a function's place, that of the trampoline. */
export interface SignalFrame {
  readonly kind: 'signal';
  readonly outer: ShadowFrame;
  readonly signal: SignalFrame | null;
  readonly frame: number;
  readonly rt: boolean;
  /** As it was interrupted; a handler may change the frame's own copy. */
  readonly eip: number;
  readonly esp: number;
}

/** Unsigned 32-bit values that a caller finds, or goes on with. */
export interface CallerState {
  readonly cfa: number;
  readonly returnAddress: number;
  readonly ebx: number;
  readonly esi: number;
  readonly edi: number;
  readonly ebp: number;
}

interface Reading {
  readonly readU32: (address: number) => number | null;
}

/** Whether a signal's frame is an rt_sigframe. */
export function isRt(flags: number): boolean {
  return (flags & SA_SIGINFO) !== 0;
}

/** What is true of a frame's caller. A signal frame's is what it would restore now. Null where there is no caller. */
export function callerOf(frame: ShadowFrame, memory: Reading): CallerState | null {
  if (frame.kind === 'call') return frame.caller;
  if (frame.kind !== 'signal') return null;
  const context = frame.frame + (frame.rt ? rtSigframe.context : sigframe.context);
  const word = (name: 'esp' | 'eip' | 'ebx' | 'esi' | 'edi' | 'ebp') =>
    memory.readU32((context + sigcontext[name].at) >>> 0) ?? 0;
  return {
    cfa: word('esp'),
    returnAddress: word('eip'),
    ebx: word('ebx'),
    esi: word('esi'),
    edi: word('edi'),
    ebp: word('ebp'),
  };
}

const keys = new WeakMap<ShadowFrame, string>();

/** All frames from one out, as text. */
export function framesKey(frame: ShadowFrame): string {
  const known = keys.get(frame);
  if (known !== undefined) return known;
  const { kind } = frame;
  const own =
    kind === 'call'
      ? Object.values(frame.caller).join()
      : kind === 'signal'
        ? `signal ${frame.frame} ${frame.eip} ${frame.esp}`
        : kind;
  const key = 'outer' in frame ? `${own};${framesKey(frame.outer)}` : own;
  keys.set(frame, key);
  return key;
}
