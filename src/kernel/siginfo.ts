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
const SIGNO = 0;
const CODE = 8;
const UNION = 12;

function build(signo: number, code: number, words: readonly number[]): SigInfo {
  // A pooled buffer: memory of its own costs several times as much as filling it.
  const pooled = Buffer.allocUnsafe(SIGINFO_SIZE).fill(0);
  pooled.writeInt32LE(signo, SIGNO);
  pooled.writeInt32LE(code, CODE);
  for (let i = 0; i < words.length; i++) pooled.writeUInt32LE((words[i] ?? 0) >>> 0, UNION + 4 * i);
  return { signo, code, bytes: new Uint8Array(pooled.buffer, pooled.byteOffset, SIGINFO_SIZE) };
}

/** kill, tkill, tgkill: the union is {pid, uid}. */
export function killInfo(signo: number, code: number, pid: number, uid = 0): SigInfo {
  return build(signo, code, [pid, uid]);
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
export function childInfo(
  signo: number,
  code: number,
  { pid, uid }: { readonly pid: number; readonly uid: number },
  status: number,
): SigInfo {
  return build(signo, code, [pid, uid, status, 0, 0]);
}

/** What rt_sigqueueinfo was given; signo is forced as the kernel does. */
export function rawInfo(signo: number, source: Uint8Array): SigInfo {
  const bytes = source.slice(0, SIGINFO_SIZE);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, signo, true);
  return { signo, code: view.getInt32(8, true), bytes };
}
