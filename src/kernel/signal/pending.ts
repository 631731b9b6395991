import type { Kernel } from '../kernel.js';
import { processOf } from '../kernel.js';
import { countsAsPending, keptAway } from '../proposals/hooks.js';
import type { SigInfo } from '../siginfo.js';
import {
  has,
  intersection,
  isEmpty,
  lowest,
  only,
  type SignalSet,
  signalSet,
  union,
  without,
} from '../sigset.js';
import type { SignalQueue, Task } from '../state.js';
import { rearmTimer } from '../time/rearm.js';

/**
 * Pending signals (kernel/signal.c): standard signals keep one bit and the first siginfo, real-time signals queue every
 * instance in order.
 */
export const SYNCHRONOUS: SignalSet = signalSet(
  [4, 5, 7, 8, 11, 31].reduce((mask, sig) => mask | (1 << (sig - 1)), 0),
  0,
);

/** Queues a signal; false when a standard one is pending already and this copy is lost. */
export function enqueue(queue: SignalQueue, info: SigInfo): boolean {
  if (info.signo < 32 && has(queue.set, info.signo)) return false;
  queue.set = union(queue.set, only(info.signo));
  queue.infos = [...queue.infos, info];
  return true;
}

/** Takes the next signal out of one queue: a synchronous fault first, then the lowest number not in `blocked`. */
export function dequeueFrom(queue: SignalQueue, blocked: SignalSet): SigInfo | null {
  const ready = without(queue.set, blocked);
  if (isEmpty(ready)) return null;
  const synchronous = intersection(ready, SYNCHRONOUS);
  const sig = lowest(isEmpty(synchronous) ? ready : synchronous);
  return take(queue, sig);
}

/** Takes the oldest instance of `sig`. */
export function take(queue: SignalQueue, sig: number): SigInfo | null {
  const index = queue.infos.findIndex((info) => info.signo === sig);
  const info = queue.infos[index];
  if (info === undefined) return null;
  queue.infos = queue.infos.filter((_, i) => i !== index);
  if (!queue.infos.some((other) => other.signo === sig)) queue.set = without(queue.set, only(sig));
  return info;
}

/** Drops every instance of the signals in `set`. */
export function flush(queue: SignalQueue, set: SignalSet): void {
  queue.infos = queue.infos.filter((info) => !has(set, info.signo));
  queue.set = without(queue.set, set);
}

/** Everything pending for a thread: its own queue and the process's shared one. */
export function pendingSet(kernel: Kernel, task: Task): SignalSet {
  return union(task.pending.set, processOf(kernel, task).pending.set);
}

/** recalc_sigpending: the flag after the mask or the queues changed. */
export function recalcSignalPending(kernel: Kernel, task: Task): void {
  const ready = !isEmpty(without(pendingSet(kernel, task), keptAway(kernel, task)));
  task.signalPending = ready || countsAsPending(kernel, task) || processOf(kernel, task).stop !== null;
}

/** The thread's private queue first, then the shared one (dequeue_signal). */
export function dequeueSignal(kernel: Kernel, task: Task, blocked: SignalSet): SigInfo | null {
  const info = dequeueFrom(task.pending, blocked) ?? dequeueFrom(processOf(kernel, task).pending, blocked);
  recalcSignalPending(kernel, task);
  return info === null ? null : rearmTimer(kernel, task.pid, info);
}

/** Changes the thread's mask as set_current_blocked does; SIGKILL and SIGSTOP are never blocked. */
export function setBlocked(kernel: Kernel, task: Task, mask: SignalSet): void {
  task.blocked = without(mask, UNBLOCKABLE);
  recalcSignalPending(kernel, task);
}

const UNBLOCKABLE: SignalSet = signalSet((1 << 8) | (1 << 18), 0);

/** True when a pending signal is one the thread waits for with rt_sigtimedwait. */
export function awaitedPending(kernel: Kernel, task: Task, set: SignalSet): boolean {
  return !isEmpty(intersection(pendingSet(kernel, task), set));
}
