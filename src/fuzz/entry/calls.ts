// The system calls that cases of `entry` make: such as sleep, such as return at once, such as Linux does not have.
// Addresses are names of asm/fuzz/stage.S, so that a case means the same whatever the stage's layout.
import { CANCELLABLE } from '../../kernel/proposals/abi.js';
import type { Draws } from '../core/draws.js';

/** A register's value: a number, or the stage's symbol whose address it is. */
export type Value = number | string;

export type CallArguments = readonly [Value, Value, Value, Value, Value, Value];

export interface CallSpec {
  readonly nr: number;
  readonly args: CallArguments;
}

const READ_END = 3;
const WRITE_END = 4;
const NOT_OPEN = 77;
const SETSIZE = 8;
const FUTEX_WAIT = 0;

/** ebx, ecx, …; registers that a call does not use are drawn, since it must leave them alone. */
const CALLS: readonly { readonly nr: number; readonly args: readonly Value[] }[] = [
  { nr: 20, args: [] }, // getpid
  { nr: 3, args: [READ_END, 'buffer', 8] }, // read of an empty pipe: sleeps
  { nr: 29, args: [] }, // pause
  { nr: 162, args: ['short_time', 'buffer'] }, // nanosleep
  { nr: 168, args: ['can_read', 1, -1 >>> 0] }, // poll without an end
  { nr: 168, args: ['can_read', 1, 2] }, // poll of two milliseconds
  { nr: 168, args: ['can_write', 1, 0] }, // poll that finds something
  { nr: 309, args: ['can_read', 1, 'short_time', 'some_signals', SETSIZE] }, // ppoll
  { nr: 308, args: [0, 0, 0, 0, 'short_time', 'sixth'] }, // pselect6: six arguments
  { nr: 179, args: ['no_signals', SETSIZE] }, // rt_sigsuspend
  { nr: 177, args: ['some_signals', 'buffer', 'short_time', SETSIZE] }, // rt_sigtimedwait
  { nr: 240, args: ['word', FUTEX_WAIT, 0, 0] }, // futex wait without an end
  { nr: 240, args: ['word', FUTEX_WAIT, 0, 'short_time'] }, // futex wait of a millisecond
  { nr: 240, args: ['word', FUTEX_WAIT, 1, 0] }, // futex wait for another value: EAGAIN
  { nr: 267, args: [1, 0, 'short_time', 'buffer'] }, // clock_nanosleep, relative
  { nr: 267, args: [1, 1, 'short_time', 0] }, // clock_nanosleep, absolute
  { nr: 4, args: [WRITE_END, 'buffer', 8] }, // write to a pipe
  { nr: 3, args: [0, 'buffer', 8] }, // read at the end of a file
  { nr: 3, args: [READ_END, 16, 8] }, // read to nowhere
  { nr: 3, args: [NOT_OPEN, 'buffer', 8] }, // EBADF
  { nr: 175, args: [0, 'some_signals', 'buffer', SETSIZE] }, // rt_sigprocmask: block
  { nr: 175, args: [2, 'no_signals', 0, SETSIZE] }, // rt_sigprocmask: none blocked
  { nr: 0, args: [] }, // restart_syscall with nothing to restart
  { nr: 158, args: [] }, // sched_yield
  { nr: 37, args: [100, 10] }, // kill of the process itself
  { nr: 238, args: [100, 12] }, // tkill of the thread itself
  { nr: 178, args: [100, 34, 'buffer'] }, // rt_sigqueueinfo to the process itself, of bytes that are no siginfo
  { nr: 9999, args: [] }, // ENOSYS
  { nr: -1 >>> 0, args: [] },
];

/** Numbers that the model does not know are inconclusive; these are outside of any table. */
const INVALID = [512, 9998, 0x7fffffff, 0x80000000, 0xfffffe00, 0xffffffff];

export function drawCall(draws: Draws): CallSpec {
  const known = draws.pick(CALLS);
  const named = draws.oneIn(12) ? draws.pick(INVALID) : known.nr;
  // The mark of a cancellable call is a proposal's: Linux has no call with this bit.
  const nr = draws.oneIn(24) ? (named | CANCELLABLE) >>> 0 : named;
  const args = [0, 1, 2, 3, 4, 5].map((i): Value => {
    const fixed = known.args[i];
    if (fixed === undefined) return draws.word();
    return draws.oneIn(40) ? draws.word() : fixed;
  });
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
  return { nr, args: [a, b, c, d, e, f] };
}
