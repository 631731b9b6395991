import type { Handler } from '../outcome.js';

/**
 * How an argument is written in a log: like strace. What points to memory is read when the call is made; 'out-…' is filled
 * by the call and read when it returns. A buffer's or array's length is the next argument, or the result of a call that
 * fills a buffer. The 64 of a timespec is the width of its fields.
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
  /** Like open's, without an access mode. */
  | 'fd-flags'
  | 'protection'
  | 'map-flags'
  | 'clone-flags'
  | 'futex-op'
  | 'sig-how'
  | 'iovec'
  | 'out-iovec'
  | 'dirfd'
  | 'mode'
  | 'whence'
  | 'clock'
  | 'fcntl-command'
  | 'poll-fds'
  | 'sigset'
  | 'out-sigset'
  | 'sigaction'
  | 'out-sigaction'
  | 'timespec'
  | 'timespec64'
  | 'out-timespec'
  | 'out-timespec64'
  | 'out-fd-pair'
  /** A null-terminated array of strings; the environment is only counted. */
  | 'strings'
  | 'environment'
  | 'wait-options'
  | 'out-wait-status'
  | 'id-type'
  | 'out-siginfo';

export interface Syscall {
  readonly nr: number;
  readonly name: string;
  readonly args: readonly ArgumentType[];
  readonly run: Handler;
}

export function define(nr: number, name: string, args: readonly ArgumentType[], run: Handler): Syscall {
  return { nr, name, args, run };
}
