import { errno } from '../abi/errno.js';
import { findTask, isAlive, type Kernel, log } from '../kernel.js';
import { done, type Outcome } from '../outcome.js';
import { recalcSignalPending } from '../signal/pending.js';
import { wakeForSignal } from '../signal/send.js';
import type { Call, Task } from '../state.js';
import { CANCELCTL_CLEAR, CANCELCTL_SET, CANCELCTL_UNSTICK } from './abi.js';
import { unstick } from './sticky.js';
import { callOf, change } from './task.js';
import type { Proposals } from './types.js';

/** The new call: what it can do depends on the proposal; anything else is -EINVAL. */
export function cancelctl(kernel: Kernel, task: Task, { args }: Call, proposals: Proposals): Outcome {
  const [operation, argument] = args;
  if (proposals.kind === 'sticky-signal' && operation === CANCELCTL_UNSTICK) {
    if (argument < 1 || argument > 64) return done(-errno.EINVAL);
    unstick(kernel, task, argument, proposals.switches);
    return done(0);
  }
  if (proposals.kind !== 'sticky-flag') return done(-errno.EINVAL);
  if (operation === CANCELCTL_SET) return setFlag(kernel, argument);
  if (operation !== CANCELCTL_CLEAR) return done(-errno.EINVAL);
  change(task, { flag: false });
  log(kernel, { kind: 'proposal', tid: task.tid, what: 'flag-cleared', sig: 0, flags: 0 });
  recalcSignalPending(kernel, task);
  return done(0);
}

/** Sets a thread's flag and ends the sleep of a marked call: it looks again, and completion still wins. */
function setFlag(kernel: Kernel, tid: number): Outcome {
  const target = findTask(kernel, tid);
  if (target === undefined || !isAlive(target)) return done(-errno.ESRCH);
  change(target, { flag: true });
  log(kernel, { kind: 'proposal', tid, what: 'flag-set', sig: 0, flags: 0 });
  if (callOf(target)?.cancellable === true) wakeForSignal(target, false);
  return done(0);
}
