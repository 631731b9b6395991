import { PTHREAD_CANCELED } from './facts.js';
import type { Rule } from './types.js';

export const actOnce: Rule = {
  id: 'act-once',
  statement:
    'cleanup handlers run once, the cancelled thread joins as PTHREAD_CANCELED, and none is cancelled outside of a point',
  reason:
    'POSIX pthread_cancel, pthread_join, pthread_cleanup_push; XSH 2.9.5.2: deferred cancellation acts at cancellation points.',
  check: (_run, facts) => {
    const times = facts.cleanups.length;
    if (facts.noPoint && times > 0)
      return 'the thread was cancelled although it called no cancellation point';
    if (times > 1) return `the cleanup handler ran ${times} times`;
    if (facts.joined === null) return null;
    if (times === 1 && facts.joined !== PTHREAD_CANCELED) {
      return `the cleanup handler ran, but the thread joined as 0x${(facts.joined >>> 0).toString(16)}, not as PTHREAD_CANCELED`;
    }
    if (times === 0 && facts.joined === PTHREAD_CANCELED) {
      return 'the thread joined as PTHREAD_CANCELED, but its cleanup handler never ran';
    }
    return null;
  },
};
