// Whether frame descriptions tell the truth, as far as explore/unwind has looked.
import type { Rule } from './types.js';

const hex = (value: number): string => `0x${value.toString(16)}`;

/** Looked at only where it is asked for: then a mistake is in the history, see explore/unwind. */
export const unwind: Rule = {
  id: 'unwind',
  statement:
    'at every instruction the frame descriptions give the true CFA, return address and callee-saved registers, out to the thread’s start',
  reason:
    'DWARF 5 section 6.4: call frame information says where the caller’s registers are at every address; a signal may strike at any.',
  check: ({ history }) => {
    // What is wrong at the point itself, and after it: the way there was judged at its own points.
    const from = history.findIndex(({ kind }) => kind === 'choice');
    const wrong = history.find((event, at) => event.kind === 'unwind' && at > from);
    if (wrong?.kind !== 'unwind') return null;
    const { at, pc, depth, column, declared, actual } = wrong;
    const frame = depth === 0 ? '' : `, ${depth} frames out at ${hex(pc)}`;
    return `from the instruction at ${hex(at)}${frame}, ${column} is ${declared} by the description, in truth ${actual}`;
  },
};
