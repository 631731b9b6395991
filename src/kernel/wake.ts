import { openFile } from './fs/descriptors.js';
import { canConnect } from './fs/listen.js';
import { isLockedAway } from './fs/locks.js';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, pollEvents } from './fs/readiness.js';
import { findIpc } from './ipc/objects.js';
import { findProcess, isAlive, type Kernel, log } from './kernel.js';
import { awaitedPending } from './signal/pending.js';
import type { Condition, Task } from './state.js';
import { waitIsOver } from './task/wait.js';
import { fireTimers, nextTimer } from './time/timers.js';

/** Ending sleeps: when what a task waits for has come true, or its deadline is reached. */

function holds(kernel: Kernel, task: Task, condition: Condition): boolean {
  switch (condition.kind) {
    case 'readable':
      return fileHas(kernel, condition.file, POLLIN | POLLHUP | POLLERR);
    case 'writable':
      return fileHas(kernel, condition.file, POLLOUT | POLLHUP | POLLERR);
    case 'events':
      return fileHas(kernel, condition.file, condition.events | POLLHUP | POLLERR);
    case 'any':
      return condition.of.some((one) => holds(kernel, task, one));
    case 'signal':
      return awaitedPending(kernel, task, condition.set);
    case 'child':
      return waitIsOver(kernel, task.pid, condition.wanted);
    case 'vfork':
      return findProcess(kernel, condition.child)?.vfork !== true;
    case 'unlocked':
      return !isLockedAway(kernel, condition.lock);
    case 'connectable':
      return canConnect(kernel, condition.socket);
    case 'ipc':
      return findIpc(kernel, condition.id)?.version !== condition.version;
    case 'never':
    // A futex waiter is woken by its waker.
    case 'futex':
      return false;
  }
}

function fileHas(kernel: Kernel, id: number, events: number): boolean {
  const file = openFile(kernel, id);
  return file === undefined || (pollEvents(kernel, file) & events) !== 0;
}

/** Moves every sleeper whose condition or deadline has come to phase 'woken'. */
export function wakeSleepers(kernel: Kernel): void {
  for (const task of kernel.state.tasks) {
    const phase = task.phase;
    if (phase.kind !== 'asleep') continue;
    const { until, deadline } = phase.wait;
    if ((deadline === null || kernel.state.now < deadline) && !holds(kernel, task, until)) continue;
    task.phase = { kind: 'woken', call: phase.call, wait: phase.wait };
    log(kernel, { kind: 'wake', tid: task.tid, nr: phase.call.nr });
  }
}

/**
 * Nothing can run: moves time to the next deadline and wakes what it wakes. False when nothing will ever happen: every
 * task sleeps without a deadline.
 */
export function advanceTime(kernel: Kernel): boolean {
  const deadlines = kernel.state.tasks
    .filter(isAlive)
    .flatMap(({ phase }) =>
      phase.kind === 'asleep' && phase.wait.deadline !== null ? [phase.wait.deadline] : [],
    );
  const timer = nextTimer(kernel);
  if (timer !== null) deadlines.push(timer);
  if (deadlines.length === 0) return false;
  kernel.state.now = Math.max(kernel.state.now, Math.min(...deadlines));
  log(kernel, { kind: 'time', tid: 0, now: kernel.state.now });
  fireTimers(kernel);
  wakeSleepers(kernel);
  return true;
}
