import type { Rule } from './types.js';

export const noRecursion: Rule = {
  id: 'no-recursion',
  statement: 'the cancel handler never runs on top of itself',
  reason:
    'A handler that interrupts itself without end overflows the stack; signal(7): a signal is blocked while its handler runs.',
  check: ({ history, target, signal }) => {
    const frames: number[] = [];
    for (const event of history) {
      if (event.tid !== target) continue;
      if (event.kind === 'sigreturn') {
        const index = frames.indexOf(event.frame);
        if (index >= 0) frames.length = index;
      }
      if (event.kind !== 'deliver' || event.sig !== signal) continue;
      // A frame above the new one belongs to a handler that has not returned; one below was left by a jump.
      const below = frames.filter((frame) => frame > event.frame);
      if (below.length > 0)
        return `the handler was entered again inside itself, at a depth of ${below.length + 1}`;
      frames.push(event.frame);
    }
    return null;
  },
};
