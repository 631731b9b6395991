/**
 * Sets of signals 1..64 as two 32-bit words, as the kernel keeps them for i386 programs (compat_sigset_t). Values are
 * immutable: state may share them freely.
 */
export interface SignalSet {
  readonly low: number;
  readonly high: number;
}

export const EMPTY: SignalSet = { low: 0, high: 0 };

export function signalSet(low: number, high: number): SignalSet {
  return { low: low >>> 0, high: high >>> 0 };
}

/** The set with just `sig` (1..64). */
export function only(sig: number): SignalSet {
  return sig <= 32 ? { low: (1 << (sig - 1)) >>> 0, high: 0 } : { low: 0, high: (1 << (sig - 33)) >>> 0 };
}

export function has(set: SignalSet, sig: number): boolean {
  return ((sig <= 32 ? set.low >>> (sig - 1) : set.high >>> (sig - 33)) & 1) === 1;
}

export function union(a: SignalSet, b: SignalSet): SignalSet {
  return { low: (a.low | b.low) >>> 0, high: (a.high | b.high) >>> 0 };
}

/** What is in `a` and not in `b`. */
export function without(a: SignalSet, b: SignalSet): SignalSet {
  return { low: (a.low & ~b.low) >>> 0, high: (a.high & ~b.high) >>> 0 };
}

export function intersection(a: SignalSet, b: SignalSet): SignalSet {
  return { low: (a.low & b.low) >>> 0, high: (a.high & b.high) >>> 0 };
}

export function isEmpty(set: SignalSet): boolean {
  return set.low === 0 && set.high === 0;
}

/** The lowest signal in the set, 0 when there is none. */
export function lowest(set: SignalSet): number {
  if (set.low !== 0) return 32 - Math.clz32(set.low & -set.low);
  if (set.high !== 0) return 64 - Math.clz32(set.high & -set.high);
  return 0;
}

export function members(set: SignalSet): number[] {
  return Array.from({ length: 64 }, (_, i) => i + 1).filter((sig) => has(set, sig));
}
