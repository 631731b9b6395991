import { errno, restart } from '../abi/errno.js';
import type { Kernel } from '../kernel.js';
import { done, type Outcome } from '../outcome.js';
import { setBlocked } from '../signal/pending.js';
import type { SignalSet } from '../sigset.js';
import type { Call, Condition, Task } from '../state.js';
import { durationAt, splitNanoseconds, type TimeResult, writeTimespec } from '../time/clock.js';
import { writeWords } from '../user.js';
import { findFile } from './descriptors.js';
import { POLLERR, POLLHUP, POLLNVAL, pollEvents } from './readiness.js';

/** What poll, ppoll, select and pselect share (fs/select.c). */
export interface PollEntry {
  readonly fd: number;
  readonly events: number;
}

/** Nothing for a negative descriptor. */
export function eventsOf(kernel: Kernel, task: Task, { fd, events }: PollEntry): number {
  if (fd < 0) return 0;
  const file = findFile(kernel, task, fd);
  return file === undefined ? POLLNVAL : pollEvents(kernel, file) & (events | POLLERR | POLLHUP);
}

export function conditionFor(kernel: Kernel, task: Task, entries: readonly PollEntry[]): Condition {
  const of = entries.flatMap(({ fd, events }): Condition[] => {
    const file = findFile(kernel, task, fd)?.id;
    return file === undefined ? [] : [{ kind: 'events', file, events }];
  });
  return { kind: 'any', of };
}

/** Installs the mask of ppoll, pselect or epoll_pwait on the first look. */
export function installMask(kernel: Kernel, task: Task, set: SignalSet): void {
  task.savedMask = task.blocked;
  setBlocked(kernel, task, set);
}

/** Without a handler to run, the old mask is back before the call returns (restore_saved_sigmask_unless). */
export function restoreMask(kernel: Kernel, task: Task, outcome: Outcome, interrupted: number): void {
  if (outcome.kind !== 'done' || outcome.value === interrupted || task.savedMask === null) return;
  setBlocked(kernel, task, task.savedMask);
  task.savedMask = null;
}

/** The deadline of a relative timeout, counted from the first look. */
export function firstDeadline(
  kernel: Kernel,
  task: Task,
  call: Call,
  timeout: number,
  is64: boolean,
): TimeResult | null {
  const known = call.progress?.deadline;
  return known !== undefined ? known : durationAt(kernel, task, timeout, is64);
}

export type TimeFormat = 'timeval' | 'timespec' | 'timespec64';

/**
 * Linux writes the time that was left into the caller's timeout, but for a timeout of zero; a call that starts again reads
 * it from there. Where it cannot be written there is no starting again (poll_select_finish).
 */
export function writeTimeLeft(
  kernel: Kernel,
  task: Task,
  call: Call,
  outcome: Outcome,
  timeout: { readonly address: number; readonly deadline: number | null; readonly format: TimeFormat },
): Outcome {
  const { address, deadline, format } = timeout;
  const { now } = kernel.state;
  const zero = deadline === now && call.progress === null;
  if (outcome.kind !== 'done' || deadline === null || zero) return outcome;
  const left = splitNanoseconds(Math.max(0, deadline - now));
  const written =
    format === 'timeval'
      ? writeWords(kernel, task, address, [left.seconds, Math.floor(left.nanoseconds / 1000)])
      : writeTimespec(kernel, task, address, format === 'timespec64', left);
  return written || outcome.value !== -restart.ERESTARTNOHAND ? outcome : done(-errno.EINTR);
}
