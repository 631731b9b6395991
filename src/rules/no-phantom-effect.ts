// One thread's effects against what the program was told: a call that says it was interrupted must have done nothing.
import { errno, errorName } from '../kernel/abi/errno.js';
import { describe } from './no-lost-effect.js';
import type { Rule } from './types.js';

const INTERRUPTED: ReadonlySet<number> = new Set([errno.EINTR]);

export const noPhantomEffect: Rule = {
  id: 'no-phantom-effect',
  statement: 'a call reported as cancelled or -EINTR has no effect',
  reason:
    'POSIX XSH 2.3: [EINTR] says that the function was interrupted before it did anything; read(2), write(2).',
  check: (_run, facts) => {
    const { saw } = facts;
    if (saw === null || saw.result !== -1 || !INTERRUPTED.has(saw.error)) return null;
    const phantom = facts.effects.find(
      ({ at, effect }) =>
        at < saw.at && (effect.kind === 'descriptor' || effect.kind === 'produced' || isBytes(effect)),
    );
    if (phantom === undefined) return null;
    return `the program was told ${errorName(saw.error)}, but ${describe(phantom.effect)}`;
  },
};

function isBytes(effect: { kind: string; object?: string }): boolean {
  return effect.kind === 'consumed' && effect.object !== 'futex wake';
}
