import { EMPTY } from '../sigset.js';
import type { Task } from '../state.js';
import type { TaskProposal } from './types.js';

/** A thread's part of a proposal's state; a thread that was never touched by one has no such field at all. */
const NOTHING: TaskProposal = { flag: false, latched: EMPTY, latching: [], open: false, spins: 0 };

export function proposalOf(task: Task): TaskProposal {
  return task.proposal ?? NOTHING;
}

export function change(task: Task, changed: Partial<TaskProposal>): void {
  task.proposal = { ...proposalOf(task), ...changed };
}

/** The call the task is in, from its entry until its result is known. */
export function callOf(task: Task): { readonly cancellable?: boolean } | null {
  const { phase } = task;
  return phase.kind === 'entry' || phase.kind === 'asleep' || phase.kind === 'woken' ? phase.call : null;
}

/** Passes after which a thread that makes no progress is known never to make any: the state repeats from the second on. */
export const SPIN_BOUND = 500;

export function countSpin(task: Task): void {
  change(task, { spins: proposalOf(task).spins + 1 });
}

/** The thread goes round without an end: it has left neither the kernel nor the same call. */
export function isSpinning(task: Task): boolean {
  return proposalOf(task).spins >= SPIN_BOUND;
}
