import type { Effect } from '../kernel/history.js';
import { mark } from '../world/marks.js';
import type { RunRecord } from '../world/record.js';
import type { Rule } from './types.js';

/** Effects that would be gone with a discarded result. A futex wake is only a hint: the program's accounts show its loss. */
function matters(effect: Effect): boolean {
  switch (effect.kind) {
    case 'consumed':
      return effect.object !== 'futex wake';
    case 'produced':
    case 'descriptor':
    case 'closed':
    case 'dequeued-signal':
    case 'child':
      return true;
    case 'woken':
      return false;
  }
}

export const noLostEffect: Rule = {
  id: 'no-lost-effect',
  statement: 'an effect the kernel completed reaches the program before the thread acts on the cancellation',
  reason:
    'POSIX XSH 2.9.5.2: when a cancellation point is acted on, the call has no side effect; glibc bug 12683.',
  check: (run, facts) => {
    if (facts.leftByHandler) return null;
    const cleanup = facts.cleanups[0] ?? facts.acted;
    const lost = facts.effects.find(({ at, effect }) => matters(effect) && cleanup !== null && at < cleanup);
    const seen = facts.saw !== null || (facts.bySymbols && facts.windowEnd !== null);
    if (lost !== undefined && !seen)
      return `${describe(lost.effect)}, and the thread was cancelled before the program saw it`;
    return unbalanced(run);
  },
};

/** The program's own account of what its calls act on: what should be left, and what is. */
function unbalanced({ history }: RunRecord): string | null {
  for (const event of history) {
    if (event.kind !== 'mark' || event.mark !== mark.resource) continue;
    const [expected = 0, actual = 0] = event.args;
    if (expected !== actual)
      return `the program should find ${expected | 0} left of what it used, and finds ${actual | 0}`;
  }
  return null;
}

export function describe(effect: Effect): string {
  switch (effect.kind) {
    case 'consumed':
      return `${effect.bytes} byte(s) were taken from ${effect.object}`;
    case 'produced':
      return `${effect.bytes} byte(s) were written to ${effect.object}`;
    case 'descriptor':
      return `descriptor ${effect.fd} was made`;
    case 'closed':
      return `descriptor ${effect.fd} was closed`;
    case 'dequeued-signal':
      return `signal ${effect.sig} was taken`;
    case 'child':
      return `child ${effect.pid} was reaped`;
    case 'woken':
      return `a waiter at 0x${effect.address.toString(16)} was woken`;
  }
}
