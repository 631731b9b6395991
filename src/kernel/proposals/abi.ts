/** Numbers of the proposals: none of them means anything to Linux or lies among the marks of the programs under test. */

/** Or'd onto a system call's number: this call is a cancellation point (bit 30 is x32's, bits 28 and 30 are the marks'). */
export const CANCELLABLE = 0x20000000;

/** One new call for what user code asks of a proposal: operation, argument. */
export const NR_CANCELCTL = 0x43430000;
/** sticky-flag: sets the flag of the thread with this id. */
export const CANCELCTL_SET = 1;
/** sticky-flag: clears the caller's flag. */
export const CANCELCTL_CLEAR = 2;
/** sticky-signal: clears this signal's latch in the caller (S5). */
export const CANCELCTL_UNSTICK = 3;

/** sigaction flags. Linux keeps these bits free on every architecture (asm-generic/signal-defs.h). */
export const SA_STICKY = 0x00100000;
export const SA_SYNC = 0x00200000;
export const SA_FATAL = 0x00400000;

const NAMES = new Map<number, string>([[NR_CANCELCTL, 'cancelctl']]);

export function proposedCallName(nr: number): string | undefined {
  return NAMES.get(nr);
}
