import { errno } from '../kernel/abi/errno.js';
import type { Event } from '../kernel/history.js';
import { syscallName } from '../kernel/syscalls/table.js';
import { mark } from '../world/marks.js';
import type { Rule } from './types.js';

export const disabledUntouched: Rule = {
  id: 'disabled-untouched',
  statement: 'with cancellation disabled no call is interrupted by a request to cancel',
  reason:
    'POSIX pthread_setcancelstate: with PTHREAD_CANCEL_DISABLE requests are held pending; calls do what they do without.',
  check: ({ history, target, signal }) => {
    const mine = history.filter((event) => event.tid === target);
    let disabled = false;
    for (const [i, event] of mine.entries()) {
      if (event.kind === 'mark' && event.mark === mark.disabled) disabled = event.args[0] === 1;
      if (!disabled || !saysInterrupted(event)) continue;
      if (!otherHandler(mine.slice(i + 1), signal))
        return `${syscallName(event.nr)} is interrupted although cancellation is disabled`;
    }
    return null;
  },
};

function saysInterrupted(event: Event): event is Extract<Event, { kind: 'return' | 'restart' }> {
  return event.kind === 'return'
    ? event.value === -errno.EINTR
    : event.kind === 'restart' && event.outcome === 'eintr';
}

/** A handler of the program's own runs before the next call: the interruption may be its. */
function otherHandler(later: readonly Event[], signal: number): boolean {
  for (const event of later) {
    if (event.kind === 'call') return false;
    if (event.kind === 'deliver' && event.sig !== signal) return true;
  }
  return false;
}
