import type { RunRecord } from '../world/record.js';
import { actOnce } from './act-once.js';
import { bounded } from './bounded.js';
import { disabledUntouched } from './disabled-untouched.js';
import { factsOf } from './facts.js';
import { noFault } from './no-fault.js';
import { noLostCancel } from './no-lost-cancel.js';
import { noLostEffect } from './no-lost-effect.js';
import { noPhantomEffect } from './no-phantom-effect.js';
import { noRecursion } from './no-recursion.js';
import { registers } from './registers.js';
import { restart } from './restart.js';
import { STICKY_RULES } from './sticky.js';
import type { Rule, Verdict } from './types.js';
import { unwind } from './unwind.js';

/** Every rule, in the order in which they are reported. */
export const RULES: readonly Rule[] = [
  noLostCancel,
  noLostEffect,
  noPhantomEffect,
  actOnce,
  noRecursion,
  registers,
  noFault,
  bounded,
  disabledUntouched,
  restart,
  unwind,
  ...STICKY_RULES,
];

/** All violations of a run; a run in which something was not modelled is inconclusive whatever else it shows. */
export function judge(run: RunRecord): Verdict {
  const unmodelled = run.history.find((event) => event.kind === 'unmodelled');
  if (unmodelled !== undefined) return { kind: 'inconclusive', reason: `${unmodelled.what} is not modelled` };
  const facts = factsOf(run);
  const violations = RULES.flatMap((rule) => {
    const detail = rule.check(run, facts);
    return detail === null ? [] : [{ rule: rule.id, detail }];
  });
  if (violations.length > 0) return { kind: 'violation', violations };
  if (run.ending.kind === 'ended' && run.ending.exit.kind === 'exited' && run.ending.exit.status === 0)
    return { kind: 'pass' };
  return { kind: 'inconclusive', reason: `no rule explains how the run ended: ${endedHow(run)}` };
}

function endedHow({ ending }: RunRecord): string {
  if (ending.kind === 'ended')
    return ending.exit.kind === 'exited' ? `exit status ${ending.exit.status}` : 'killed';
  return ending.kind;
}
