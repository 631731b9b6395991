import { errno, restart } from '../abi/errno.js';
import { lockPi, unlockPi } from '../futex/pi.js';
import { requeueFutex, wakeFutex } from '../futex/wake.js';
import { type Kernel, log } from '../kernel.js';
import { done, type Handler, type Outcome, sleepInterruptibly } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { clockToNow, readTimespec, type TimeResult } from '../time/clock.js';
import { readUserU32, writeUserU32 } from '../user.js';
import { define, type Syscall } from './define.js';

/** futex(2) (kernel/futex/syscalls.c). Private and shared futexes are the same here: a word's place decides who meets. */
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const FUTEX_REQUEUE = 3;
const FUTEX_CMP_REQUEUE = 4;
const FUTEX_WAKE_OP = 5;
const FUTEX_LOCK_PI = 6;
const FUTEX_UNLOCK_PI = 7;
const FUTEX_TRYLOCK_PI = 8;
const FUTEX_WAIT_BITSET = 9;
const FUTEX_WAKE_BITSET = 10;
const FUTEX_PRIVATE = 128;
const FUTEX_CLOCK_REALTIME = 256;
const ALL_BITS = 0xffffffff;

function deadlineOf(
  kernel: Kernel,
  task: Task,
  call: Call,
  is64: boolean,
  absolute: boolean,
): TimeResult | null {
  const known = call.progress?.deadline;
  if (known !== undefined) return known;
  const [, op, , timeout] = call.args;
  if (timeout === 0) return null;
  const time = readTimespec(kernel, task, timeout, is64);
  if (typeof time !== 'number') return time;
  const CLOCK_MONOTONIC = 1;
  if (absolute) return clockToNow(kernel, (op & FUTEX_CLOCK_REALTIME) !== 0 ? 0 : CLOCK_MONOTONIC, time);
  return kernel.state.now + time;
}

function wait(kernel: Kernel, task: Task, call: Call, is64: boolean, bitset: number): Outcome {
  const [address, op, expected] = call.args;
  if (bitset === 0) return done(-errno.EINVAL);
  const absolute = (op & 127) === FUTEX_WAIT_BITSET;
  const deadline = deadlineOf(kernel, task, call, is64, absolute);
  if (deadline === 'fault') return done(-errno.EFAULT);
  if (deadline === 'invalid') return done(-errno.EINVAL);
  if (call.progress?.woken === true) {
    log(kernel, {
      kind: 'effect',
      tid: task.tid,
      nr: call.nr,
      effect: { kind: 'consumed', object: 'futex wake', bytes: 1 },
    });
    return done(0);
  }
  const firstLook = task.phase.kind === 'entry';
  if (firstLook) {
    const value = readUserU32(kernel, task, address);
    if (value === null) return done(-errno.EFAULT);
    if (value !== expected) return done(-errno.EAGAIN);
  }
  if (deadline !== null && kernel.state.now >= deadline) return done(-errno.ETIMEDOUT);
  if (task.signalPending && deadline !== null) {
    // restart_syscall waits until the same deadline.
    task.restartBlock = { ...call, progress: { deadline } };
    return done(-restart.ERESTART_RESTARTBLOCK);
  }
  const order = firstLook ? kernel.state.nextSleep++ : queueOrder(task);
  return sleepInterruptibly(task, {
    until: { kind: 'futex', address, bitset, order },
    deadline,
    progress: { deadline },
    interrupted: -restart.ERESTARTSYS,
  });
}

function queueOrder(task: Task): number {
  return task.phase.kind === 'woken' && task.phase.wait.until.kind === 'futex'
    ? task.phase.wait.until.order
    : 0;
}

/** FUTEX_WAKE_OP: an atomic operation on the second word decides whether its waiters are woken too (futex(2)). */
function wakeOp(kernel: Kernel, task: Task, call: Call): Outcome {
  const [address, , count, count2, address2, encoded] = call.args;
  const old = readUserU32(kernel, task, address2);
  if (old === null) return done(-errno.EFAULT);
  const op = (encoded >>> 28) & 15;
  const cmp = (encoded >>> 24) & 15;
  const raw = (encoded << 8) >> 20;
  const cmpArg = (encoded << 20) >> 20;
  const arg = (op & 8) !== 0 ? 1 << (raw & 31) : raw;
  const results = [arg, old + arg, old | arg, old & ~arg, old ^ arg];
  const result = results[op & 7];
  if (result === undefined || cmp > 5) return done(-errno.ENOSYS);
  writeUserU32(kernel, task, address2, result >>> 0);
  const signed = old | 0;
  const holds = [
    signed === cmpArg,
    signed !== cmpArg,
    signed < cmpArg,
    signed <= cmpArg,
    signed > cmpArg,
    signed >= cmpArg,
  ];
  const woken = wakeFutex(kernel, task, address, count | 0, ALL_BITS);
  return done(woken + (holds[cmp] === true ? wakeFutex(kernel, task, address2, count2 | 0, ALL_BITS) : 0));
}

function requeue(kernel: Kernel, task: Task, call: Call, compare: boolean): Outcome {
  const [address, op, count, count2, address2, expected] = call.args;
  if ((count | 0) < 0 || (count2 | 0) < 0) return done(-errno.EINVAL);
  // A shared futex is known by its page, so that has to be there (get_futex_key).
  const shared = (op & FUTEX_PRIVATE) === 0;
  if (shared && [address, address2].some((word) => readUserU32(kernel, task, word) === null))
    return done(-errno.EFAULT);
  if (compare) {
    const value = readUserU32(kernel, task, address);
    if (value === null) return done(-errno.EFAULT);
    if (value !== expected) return done(-errno.EAGAIN);
  }
  return done(requeueFutex(kernel, task, address, address2, count | 0, count2 | 0));
}

/** The timeout is a time of the clock of the day. */
function lock(kernel: Kernel, task: Task, call: Call, is64: boolean): Outcome {
  const [address, op, value, timeout] = call.args;
  const realtime: Call = { ...call, args: [address, op | FUTEX_CLOCK_REALTIME, value, timeout, 0, 0] };
  const deadline = deadlineOf(kernel, task, realtime, is64, true);
  if (deadline === 'fault') return done(-errno.EFAULT);
  if (deadline === 'invalid') return done(-errno.EINVAL);
  return lockPi(kernel, task, call, true, deadline);
}

function futex(is64: boolean): Handler {
  return (kernel, task, call) => {
    const [address, op, value, , , bits] = call.args;
    const command = op & ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME);
    // Only the waits with an absolute timeout know clocks.
    const realtime = (op & FUTEX_CLOCK_REALTIME) !== 0;
    if (realtime && command !== FUTEX_WAIT_BITSET) return done(-errno.ENOSYS);
    if (address % 4 !== 0) return done(-errno.EINVAL);
    switch (command) {
      case FUTEX_WAIT:
        return wait(kernel, task, call, is64, ALL_BITS);
      case FUTEX_WAIT_BITSET:
        return wait(kernel, task, call, is64, bits);
      case FUTEX_WAKE:
        return done(wakeFutex(kernel, task, address, Math.max(1, value | 0), ALL_BITS));
      case FUTEX_WAKE_BITSET:
        return bits === 0
          ? done(-errno.EINVAL)
          : done(wakeFutex(kernel, task, address, Math.max(1, value | 0), bits));
      case FUTEX_REQUEUE:
        return requeue(kernel, task, call, false);
      case FUTEX_CMP_REQUEUE:
        return requeue(kernel, task, call, true);
      case FUTEX_WAKE_OP:
        return wakeOp(kernel, task, call);
      case FUTEX_LOCK_PI:
        return lock(kernel, task, call, is64);
      case FUTEX_TRYLOCK_PI:
        return lockPi(kernel, task, call, false, null);
      case FUTEX_UNLOCK_PI:
        return unlockPi(kernel, task, call);
      default:
        return done(-errno.ENOSYS);
    }
  };
}

export const futexSyscalls: readonly Syscall[] = [
  define(240, 'futex', ['pointer', 'futex-op', 'uint', 'timespec', 'pointer', 'hex'], futex(false)),
  define(422, 'futex_time64', ['pointer', 'futex-op', 'uint', 'timespec64', 'pointer', 'hex'], futex(true)),
];
