import { type Kernel, log, processOf, threadsOf } from '../kernel.js';
import type { SigInfo } from '../siginfo.js';
import { flush, recalcSignalPending, take } from '../signal/pending.js';
import { actionOf, wakeForSignal } from '../signal/send.js';
import { has, isEmpty, lowest, only, union, without } from '../sigset.js';
import type { SignalQueue, Task } from '../state.js';
import { SA_STICKY } from './abi.js';
import { callOf, change, countSpin, proposalOf } from './task.js';
import type { StickySwitches } from './types.js';

/**
 * Sticky signals: a signal with SA_STICKY stays pending when its handler is started, is not delivered again, and
 * interrupts calls until it is cleared. The delivered instance goes back to the head of its queue: that is what "not
 * cleared from signal_pending()" comes to, and what a clear takes away.
 */
export function isLatched(task: Task): boolean {
  return !isEmpty(proposalOf(task).latched);
}

/** Whether the latch makes signal_pending() true now. */
export function latchCounts(task: Task, { pending, scope }: StickySwitches): boolean {
  if (!isLatched(task)) return false;
  const call = callOf(task);
  if (scope === 'marked' && call !== null && call.cancellable !== true) return false;
  return pending === 'literal' || call !== null;
}

/** The handler's frame has been built. */
export function stick(
  kernel: Kernel,
  task: Task,
  info: SigInfo,
  shared: boolean,
  frame: number,
  switches: StickySwitches,
): void {
  const { latched, latching } = proposalOf(task);
  if (has(latched, info.signo)) countSpin(task);
  if (switches.latchAt === 'delivery') latch(kernel, task, info, shared, switches);
  else change(task, { latching: [...latching, { frame, info, shared }] });
}

/** The handler with this frame has returned. Handlers that were left by a jump are gone with it. */
export function stickAtReturn(kernel: Kernel, task: Task, frame: number, switches: StickySwitches): void {
  const { latching } = proposalOf(task);
  const mine = latching.find((one) => one.frame === frame);
  if (latching.length > 0) change(task, { latching: latching.filter((one) => one.frame > frame) });
  if (mine !== undefined) latch(kernel, task, mine.info, mine.shared, switches);
}

function latch(
  kernel: Kernel,
  task: Task,
  info: SigInfo,
  shared: boolean,
  { group, scope }: StickySwitches,
): void {
  const stays = shared && group === 'shared';
  requeue(stays ? processOf(kernel, task).pending : task.pending, info);
  change(task, { latched: union(proposalOf(task).latched, only(info.signo)) });
  const { flags } = actionOf(processOf(kernel, task), info.signo);
  log(kernel, { kind: 'proposal', tid: task.tid, what: 'latched', sig: info.signo, flags, scope });
  recalcSignalPending(kernel, task);
  if (!stays) return;
  // It is pending for the whole process: every thread that does not block it has it to deliver.
  for (const other of threadsOf(kernel, task.pid)) {
    if (other === task || has(other.blocked, info.signo) || has(proposalOf(other).latched, info.signo))
      continue;
    wakeForSignal(other, false);
  }
}

function requeue(queue: SignalQueue, info: SigInfo): void {
  queue.set = union(queue.set, only(info.signo));
  queue.infos = [info, ...queue.infos];
}

/** The operation that clears (S5). The instance that stuck goes; further copies stay queued or go with it. */
export function unstick(kernel: Kernel, task: Task, sig: number, { clear }: StickySwitches): void {
  const { latched, latching } = proposalOf(task);
  const shared = processOf(kernel, task).pending;
  const set = only(sig);
  if (has(latched, sig) && take(task.pending, sig) === null) take(shared, sig);
  if (clear === 'discard') for (const queue of [task.pending, shared]) flush(queue, set);
  change(task, {
    latched: without(latched, set),
    latching: latching.filter(({ info }) => info.signo !== sig),
  });
  log(kernel, { kind: 'proposal', tid: task.tid, what: 'cleared', sig, flags: 0 });
  recalcSignalPending(kernel, task);
}

/** A new thread has its parent's latches, with what is queued for them, or none. */
export function inheritLatch(kernel: Kernel, parent: Task, child: Task, { inherit }: StickySwitches): void {
  const { latched } = proposalOf(parent);
  if (inherit === 'drop' || isEmpty(latched)) return;
  for (const info of [...parent.pending.infos].reverse())
    if (has(latched, info.signo)) requeue(child.pending, info);
  change(child, { latched });
  log(kernel, { kind: 'proposal', tid: child.tid, what: 'latched-by-clone', sig: lowest(latched), flags: 0 });
}

export function isSticky(flags: number): boolean {
  return (flags & SA_STICKY) !== 0;
}
