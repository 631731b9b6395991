import { errno, restart } from '../abi/errno.js';
import { type Kernel, processOf } from '../kernel.js';
import { pendingSet, recalcSignalPending } from '../signal/pending.js';
import { EMPTY, intersection, isEmpty, only, type SignalSet, union, without } from '../sigset.js';
import type { Call, Task } from '../state.js';
import { SA_SYNC } from './abi.js';
import { callOf, change, proposalOf } from './task.js';

/**
 * Synchronous signals: one with SA_SYNC is delivered at the entry of a system call, before the call looks at anything, or
 * out of a call that it has interrupted; never in user mode, never after a call has done something.
 */
const NR_EXIT = 1;
const NR_SIGRETURN = 119;
const NR_RT_SIGRETURN = 173;
const NR_EXIT_GROUP = 252;
/** They do not return to where they were made: there is nothing to deliver the signal in front of. */
const EXEMPT: ReadonlySet<number> = new Set([NR_EXIT, NR_SIGRETURN, NR_RT_SIGRETURN, NR_EXIT_GROUP]);

function flagged(kernel: Kernel, task: Task, flag: number): SignalSet {
  return processOf(kernel, task).actions.reduce(
    (set, action, i) => ((action.flags & flag) !== 0 ? union(set, only(i + 1)) : set),
    EMPTY,
  );
}

/** Signals that must wait for a better moment. */
export function heldForEntry(kernel: Kernel, task: Task): SignalSet {
  return callOf(task) !== null || proposalOf(task).open ? EMPTY : flagged(kernel, task, SA_SYNC);
}

/** A flagged signal is pending at the entry: the call is not made, as if it had been interrupted at once. */
export function interruptsEntry(kernel: Kernel, task: Task, call: Call): boolean {
  if (task.phase.kind !== 'entry' || EXEMPT.has(call.nr)) return false;
  const ready = without(pendingSet(kernel, task), task.blocked);
  return !isEmpty(intersection(ready, flagged(kernel, task, SA_SYNC)));
}

const INTERRUPTED: ReadonlySet<number> = new Set([
  -errno.EINTR,
  ...Object.values(restart).map((code) => -code),
]);

/** On the way out: open when the call did nothing because it was interrupted. */
export function openExit(kernel: Kernel, task: Task): void {
  const open = task.origEax !== -1 && INTERRUPTED.has(kernel.machine.get('eax') | 0);
  change(task, { open });
  recalcSignalPending(kernel, task);
}

export function closeExit(kernel: Kernel, task: Task): void {
  change(task, { open: false });
  recalcSignalPending(kernel, task);
}

/** Pending and unblocked signals whose action has this flag. */
export function readyWith(kernel: Kernel, task: Task, flag: number): boolean {
  const ready = without(pendingSet(kernel, task), task.blocked);
  return !isEmpty(ready) && !isEmpty(intersection(ready, flagged(kernel, task, flag)));
}
