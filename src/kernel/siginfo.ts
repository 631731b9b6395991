/**
 * siginfo_t as a 32-bit program sees it (asm-generic/siginfo.h, kernel/signal.c copy_siginfo_to_external32): 128 bytes,
 * si_signo 0, si_errno 4, si_code 8, then a union at 12. Kept as bytes, so that a frame is a copy and rt_sigqueueinfo
 * passes through what it was given. The bytes are never written again once made.
 */
export interface SigInfo {
  readonly signo: number;
  readonly code: number;
  readonly bytes: Uint8Array;
}

export const SIGINFO_SIZE = 128;

function build(signo: number, code: number, words: readonly number[]): SigInfo {
  const all = [signo, 0, code, ...words];
  const bytes = new Uint8Array(SIGINFO_SIZE);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < all.length; i++) view.setUint32(4 * i, (all[i] ?? 0) >>> 0, true);
  return { signo, code, bytes };
}

/** kill, tkill, tgkill: the union is {pid, uid}. */
export function killInfo(signo: number, code: number, pid: number): SigInfo {
  return build(signo, code, [pid, 0]);
}

/** A CPU exception: the union is {address}. */
export function faultInfo(signo: number, code: number, address: number): SigInfo {
  return build(signo, code, [address]);
}

/** A POSIX timer: the union is {timer id, overrun, value}. */
export function timerInfo(signo: number, id: number, overrun: number, value: number): SigInfo {
  return build(signo, -2, [id, overrun, value]);
}

/** SIGCHLD: the union is {pid, uid, status, user time, system time}. */
export function childInfo(signo: number, code: number, pid: number, status: number): SigInfo {
  return build(signo, code, [pid, 0, status, 0, 0]);
}

/** What rt_sigqueueinfo was given; signo is forced as the kernel does. */
export function rawInfo(signo: number, source: Uint8Array): SigInfo {
  const bytes = source.slice(0, SIGINFO_SIZE);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, signo, true);
  return { signo, code: view.getInt32(8, true), bytes };
}
