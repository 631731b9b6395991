/** Errors of the emulated CPU: a broken tool or misuse by the caller, never something the guest did. */

export type CpuErrorCode =
  /** The Unicorn library cannot be loaded. */
  | 'ENGINE_MISSING'
  /** The library is there, but its internal layout is not what the start-up probes can identify. */
  | 'ENGINE_UNSUPPORTED'
  /** A library call failed that must not. */
  | 'ENGINE_FAILED'
  /** An instruction was half executed and its effects cannot be completed (see inexact.ts). */
  | 'INEXACT_STORE'
  /** map/unmap/protect with an unaligned or occupied range. */
  | 'BAD_RANGE';

export class CpuError extends Error {
  override readonly name = 'CpuError';
  constructor(
    readonly code: CpuErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** An address as people read it: 0x and eight hexadecimal digits. */
export function hex32(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}
