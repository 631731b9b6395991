// The rule for programs of the user's own, which are their own witness. It is none of RULES: a scenario's program ends with
// another status only when it could not be prepared.
import type { RunRecord } from '../world/record.js';
import { factsOf } from './facts.js';
import { judge } from './judge.js';
import type { Rule, Verdict } from './types.js';

export const programEnd: Rule = {
  id: 'program-end',
  statement: 'the program ends with exit status 0, wherever in its window it is interrupted',
  reason:
    'signal(7), pthread_cancel(3): a program has to reckon with both at every instruction, and knows best what is right then.',
  check: ({ ending }, facts) => {
    if (!facts.bySymbols) return null;
    if (ending.kind === 'ended' && ending.exit.kind === 'exited' && ending.exit.status !== 0)
      return `the program ends with exit status ${ending.exit.status}`;
    if ((ending.kind === 'deadlock' || ending.kind === 'parked') && facts.requested === null)
      return 'the program does not end: every thread sleeps for ever';
    return null;
  },
};

/** By every rule, and by this one. */
export function judgeProgram(run: RunRecord): Verdict {
  const verdict = judge(run);
  const detail = programEnd.check(run, factsOf(run));
  if (detail === null || run.history.some(({ kind }) => kind === 'unmodelled')) return verdict;
  const others = verdict.kind === 'violation' ? verdict.violations : [];
  return { kind: 'violation', violations: [...others, { rule: programEnd.id, detail }] };
}
