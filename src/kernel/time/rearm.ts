import { SI_KERNEL, SI_TIMER, signals } from '../abi/signals.js';
import type { Kernel } from '../kernel.js';
import type { SigInfo } from '../siginfo.js';
import type { Timer } from '../state.js';

/**
 * An interval timer whose signal was taken is set for the next expiry; those that were missed meanwhile are its overrun
 * (kernel/time/posix-timers.c: posixtimer_rearm; kernel/signal.c: dequeue_signal for ITIMER_REAL).
 */

/** First expiry after now of a timer that has expired, and how many were missed in between. */
export function nextExpiry(timer: Timer, now: number): { deadline: number; missed: number } | null {
  if (timer.expired === null || timer.interval === 0) return null;
  const missed = Math.floor((now - timer.expired) / timer.interval);
  return { deadline: timer.expired + (missed + 1) * timer.interval, missed };
}

/** Called for every signal a thread takes; returns it with the overrun filled in. */
export function rearmTimer(kernel: Kernel, pid: number, info: SigInfo): SigInfo {
  const timer = sender(kernel, pid, info);
  if (timer === undefined || timer.expired === null) return info;
  const next = nextExpiry(timer, kernel.state.now);
  timer.expired = null;
  timer.deadline = next?.deadline ?? null;
  timer.overrun = next?.missed ?? 0;
  return timer.posix ? withOverrun(info, timer.overrun) : info;
}

function sender(kernel: Kernel, pid: number, info: SigInfo): Timer | undefined {
  const { timers } = kernel.state;
  if (info.code === SI_TIMER) {
    const id = new DataView(info.bytes.buffer, info.bytes.byteOffset).getInt32(ID, true);
    return timers.find(
      (timer) => timer.posix && timer.pid === pid && timer.id === id && timer.sig === info.signo,
    );
  }
  if (info.signo !== signals.SIGALRM || info.code !== SI_KERNEL) return undefined;
  return timers.find((timer) => !timer.posix && timer.pid === pid);
}

/** si_timerid and si_overrun. */
const ID = 12;
const OVERRUN = 16;

function withOverrun(info: SigInfo, overrun: number): SigInfo {
  const bytes = info.bytes.slice();
  new DataView(bytes.buffer).setInt32(OVERRUN, overrun, true);
  return { ...info, bytes };
}
