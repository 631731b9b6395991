import { mark } from '../world/marks.js';
import type { RunRecord } from '../world/record.js';
import { type Facts, PTHREAD_CANCELED } from './facts.js';
import type { Rule } from './types.js';

export const noLostCancel: Rule = {
  id: 'no-lost-cancel',
  statement:
    'a requested, enabled cancellation never ends with the target asleep in a cancellation point, for ever or until a timeout',
  reason:
    'POSIX XSH 2.9.5: a thread blocked in a cancellation point acts on a pending cancellation; the request is not lost.',
  check: (run, facts) => {
    if (facts.requested === null || facts.disabledAtEnd) return null;
    const { ending } = run;
    const stuck = ending.kind === 'deadlock' || ending.kind === 'parked';
    if (stuck && facts.asleepIn !== null)
      return 'the thread sleeps for ever although its cancellation was requested';
    if (sleptUntilTimeout(run, facts))
      return 'the thread slept until its timeout although its cancellation was requested';
    // A request that was still being made when the thread had its result may have come after its last point.
    const inTime = facts.saw === null || facts.requested < facts.saw.at;
    const finished = ending.kind === 'ended' && facts.joined !== null && !facts.noPoint && inTime;
    if (finished && facts.joined !== PTHREAD_CANCELED && facts.cleanups.length === 0) {
      return 'the thread ended as if its cancellation had never been requested';
    }
    return null;
  },
};

/**
 * Time moves only when everybody sleeps: if it moved after the request with the target asleep in its window, it overslept;
 * unless cancellation is disabled there.
 */
function sleptUntilTimeout(run: RunRecord, facts: Facts): boolean {
  let asleep = false;
  let over = false;
  let disabled = false;
  // A handler of the program's own may sleep as it likes.
  const frames: number[] = [];
  for (let at = 0; at < run.history.length && !over; at++) {
    const event = run.history[at];
    if (event?.kind === 'time' && asleep && facts.requested !== null && at > facts.requested) return true;
    if (event?.tid !== run.target) continue;
    if (event.kind === 'deliver' && event.sig !== run.signal) frames.push(event.frame);
    if (event.kind === 'sigreturn' && event.frame === frames.at(-1)) frames.pop();
    if (event.kind === 'mark' && event.mark === mark.disabled) disabled = event.args[0] === 1;
    // No signal ends a wait for the disk.
    if (event.kind === 'sleep')
      asleep = at > facts.windowBegin && !disabled && frames.length === 0 && event.uninterruptible !== true;
    if (event.kind === 'return') asleep = false;
    over = at === facts.windowEnd || at === facts.cleanups[0] || at === facts.acted;
  }
  return false;
}
