import type { Rule } from './types.js';

export const noFault: Rule = {
  id: 'no-fault',
  statement: 'no fault, no invalid opcode, no bad frame',
  reason: 'None of the scenarios touches memory it does not own.',
  check: ({ history, ending }) => {
    const fault = history.find((event) => event.kind === 'fault');
    if (fault !== undefined) return `${fault.what} at 0x${fault.at.toString(16)}`;
    if (ending.kind === 'ended' && ending.exit.kind === 'killed')
      return `the program was killed by signal ${ending.exit.sig}`;
    return null;
  },
};
