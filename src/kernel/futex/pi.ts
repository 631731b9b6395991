import { errno, restart } from '../abi/errno.js';
import { findTask, isAlive, type Kernel, log } from '../kernel.js';
import { done, type Outcome, sleepInterruptibly } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { readUserU32, writeUserU32 } from '../user.js';
import { PI_WAITER, waiters, wake } from './wake.js';

/**
 * Futexes that have an owner (kernel/futex/pi.c). The word is the owner's thread id, 0 when it is free, and a bit that says
 * that the kernel has to be asked. All threads have one priority here, so who waits longest is next.
 */
const TID = 0x3fffffff;
const WAITERS = 0x80000000;

/** FUTEX_LOCK_PI, and FUTEX_TRYLOCK_PI, which does not wait. `deadline` is absolute; a signal always restarts the call. */
export function lockPi(
  kernel: Kernel,
  task: Task,
  call: Call,
  waits: boolean,
  deadline: number | null,
): Outcome {
  const [address] = call.args;
  if (call.progress?.woken === true) {
    const effect = { kind: 'consumed', object: 'futex ownership', bytes: 1 } as const;
    log(kernel, { kind: 'effect', tid: task.tid, nr: call.nr, effect });
    return done(0);
  }
  const word = readUserU32(kernel, task, address);
  if (word === null) return done(-errno.EFAULT);
  const owner = word & TID;
  if (owner === 0) return done(writeUserU32(kernel, task, address, task.tid | word) ? 0 : -errno.EFAULT);
  if (owner === task.tid) return done(-errno.EDEADLK);
  if (!waits) return done(-errno.EAGAIN);
  const holder = findTask(kernel, owner);
  if (holder === undefined || !isAlive(holder)) return done(-errno.ESRCH);
  if (deadline !== null && kernel.state.now >= deadline) return done(-errno.ETIMEDOUT);
  writeUserU32(kernel, task, address, (word | WAITERS) >>> 0);
  const order = task.phase.kind === 'entry' ? kernel.state.nextSleep++ : orderOf(task);
  return sleepInterruptibly(task, {
    until: { kind: 'futex', address, bitset: PI_WAITER, order },
    deadline,
    progress: { deadline },
    interrupted: -restart.ERESTARTNOINTR,
  });
}

function orderOf({ phase }: Task): number {
  return phase.kind === 'woken' && phase.wait.until.kind === 'futex' ? phase.wait.until.order : 0;
}

/** FUTEX_UNLOCK_PI: the next waiter is the owner before it runs. */
export function unlockPi(kernel: Kernel, task: Task, call: Call): Outcome {
  const [address] = call.args;
  const word = readUserU32(kernel, task, address);
  if (word === null) return done(-errno.EFAULT);
  if ((word & TID) !== task.tid) return done(-errno.EPERM);
  const [next, ...others] = waiters(kernel, task, address).filter(({ on }) => on.bitset === PI_WAITER);
  const value = next === undefined ? 0 : (next.task.tid | (others.length > 0 ? WAITERS : 0)) >>> 0;
  if (!writeUserU32(kernel, task, address, value)) return done(-errno.EFAULT);
  if (next !== undefined) {
    wake(next.task);
    log(kernel, { kind: 'effect', tid: task.tid, nr: call.nr, effect: { kind: 'woken', address } });
  }
  return done(0);
}
