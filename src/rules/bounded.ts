import type { Rule } from './types.js';

export const bounded: Rule = {
  id: 'bounded',
  statement: 'the run ends within its bounds: no endless restart, no storm of -EINTR',
  reason:
    'A cancelled thread that never stops working is as lost as one that sleeps; the bounds are thousands of times a normal run.',
  check: ({ ending }) => (ending.kind === 'bound' ? `the bound of ${ending.what} was reached` : null),
};
