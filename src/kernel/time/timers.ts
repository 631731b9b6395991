import { SI_KERNEL, signals } from '../abi/signals.js';
import type { Kernel } from '../kernel.js';
import { killInfo, timerInfo } from '../siginfo.js';
import { sendToProcess, sendToThread } from '../signal/send.js';
import type { Timer } from '../state.js';

/** Timers that send signals: alarm, setitimer(ITIMER_REAL), timer_create (kernel/time/itimer.c, posix-timers.c). */

/** Earliest deadline of all timers, null when none is armed. */
export function nextTimer(kernel: Kernel): number | null {
  return kernel.state.timers.reduce<number | null>(
    (earliest, { deadline }) =>
      deadline !== null && (earliest === null || deadline < earliest) ? deadline : earliest,
    null,
  );
}

/** Fires what is due, in order of deadline, then of id. */
export function fireTimers(kernel: Kernel): void {
  const due = kernel.state.timers
    .filter((timer) => timer.deadline !== null && timer.deadline <= kernel.state.now)
    .sort((a, b) => (a.deadline ?? 0) - (b.deadline ?? 0) || a.id - b.id);
  for (const timer of due) fire(kernel, timer);
}

/** An expiry that nobody will see, as its signal is ignored, sets the timer again at once. */
function fire(kernel: Kernel, timer: Timer): void {
  const { deadline, interval } = timer;
  timer.deadline = null;
  if (deadline === null) return;
  const seen = timer.sig !== 0 && post(kernel, timer);
  if (seen) timer.expired = deadline;
  else if (interval > 0) timer.deadline = deadline + interval;
}

/** True when the signal is now pending: this copy or an earlier one. */
function post(kernel: Kernel, timer: Timer): boolean {
  const from = kernel.history.length;
  if (!timer.posix) sendToProcess(kernel, 0, timer.pid, killInfo(signals.SIGALRM, SI_KERNEL, 0));
  else {
    const info = timerInfo(timer.sig, timer.id, 0, timer.value);
    if (timer.tid === null) sendToProcess(kernel, 0, timer.pid, info);
    else sendToThread(kernel, 0, timer.tid, info);
  }
  const event = kernel.history.at(from);
  return event?.kind === 'signal' && event.dropped !== 'ignored';
}
