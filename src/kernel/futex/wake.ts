import { type Kernel, log, processOf } from '../kernel.js';
import { sharedPlace } from '../mm/shared.js';
import type { Condition, Task } from '../state.js';

/**
 * Futex queues (kernel/futex/waitwake.c). A queue is not a structure of its own: a waiter carries its place in its wait, so
 * that it leaves the queue by no longer waiting.
 */
type FutexCondition = Extract<Condition, { kind: 'futex' }>;

/** The bitset of who waits to own a futex: no bit, so that no plain wake reaches it. */
export const PI_WAITER = 0;

interface Waiter {
  readonly task: Task;
  readonly on: FutexCondition;
}

/** Waiters of one address in order of arrival. A waiter that a signal woke, but that has not run yet, is still queued. */
export function waiters(kernel: Kernel, waker: Task, address: number): Waiter[] {
  const queued: Waiter[] = [];
  for (const task of kernel.state.tasks) {
    const phase = task.phase;
    if (phase.kind !== 'asleep' && phase.kind !== 'woken') continue;
    const on = phase.wait.until;
    if (on.kind !== 'futex' || phase.call.progress?.woken === true) continue;
    if (task.pid === waker.pid ? on.address === address : sameWord(kernel, waker, address, task, on.address))
      queued.push({ task, on });
  }
  return queued.sort((a, b) => a.on.order - b.on.order);
}

/** Of two processes: in one address space, or in memory that both map shared. */
function sameWord(kernel: Kernel, one: Task, address: number, other: Task, otherAddress: number): boolean {
  const [mm, otherMm] = [processOf(kernel, one).mm, processOf(kernel, other).mm];
  if (mm === otherMm) return address === otherAddress;
  const place = sharedPlace(mm, address);
  return place !== undefined && place === sharedPlace(otherMm, otherAddress);
}

/** Marks the waiter as chosen: its call ends as woken, whatever else comes. */
export function wake(task: Task): void {
  const phase = task.phase;
  if (phase.kind !== 'asleep' && phase.kind !== 'woken') return;
  const call = { ...phase.call, progress: { ...phase.call.progress, woken: true } };
  task.phase = { kind: 'woken', call, wait: phase.wait };
}

/** Wakes at most `count` waiters whose bitset meets `bitset`; returns how many. */
export function wakeFutex(
  kernel: Kernel,
  waker: Task,
  address: number,
  count: number,
  bitset: number,
): number {
  const chosen = waiters(kernel, waker, address)
    .filter(({ on }) => (on.bitset & bitset) !== 0)
    .slice(0, count);
  for (const { task } of chosen) {
    wake(task);
    log(kernel, { kind: 'effect', tid: waker.tid, nr: 240, effect: { kind: 'woken', address } });
  }
  return chosen.length;
}

/** Wakes `wakeCount` waiters of `from` and moves up to `moveCount` others to `to`; returns the sum. */
export function requeueFutex(
  kernel: Kernel,
  caller: Task,
  from: number,
  to: number,
  wakeCount: number,
  moveCount: number,
): number {
  const woken = wakeFutex(kernel, caller, from, wakeCount, 0xffffffff);
  const moved = waiters(kernel, caller, from)
    .filter(({ on }) => on.bitset !== PI_WAITER)
    .slice(0, moveCount);
  for (const { task, on } of moved) {
    const phase = task.phase;
    if (phase.kind !== 'asleep' && phase.kind !== 'woken') continue;
    const order = kernel.state.nextSleep++;
    task.phase = { ...phase, wait: { ...phase.wait, until: { ...on, address: to, order } } };
  }
  return woken + moved.length;
}
