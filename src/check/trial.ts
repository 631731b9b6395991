// One trial: the code as it is now, and before that the version it is compared with.
import { compareFindings, type Earlier, earlierOf, type Judged } from './compare.js';
import { framesSide } from './frames-side.js';
import { sweepSide } from './sweep-side.js';
import type { Side, Trial, TrialSpec } from './types.js';

function judgeSide(side: Side, scenario: string, known: ReadonlySet<string>): Judged {
  switch (side.kind) {
    case 'sweep':
      return sweepSide(side, scenario, known);
    case 'frames':
      return framesSide(side);
  }
}

/** A trial whose comparison is made at once; `baseline`: what another run has found, in place of a side. */
export interface TrialTask {
  readonly spec: TrialSpec;
  /** Undefined without a baseline; null when it has no result for this trial. */
  readonly baseline?: Earlier;
}

export function runTrial({ spec, baseline }: TrialTask): Trial {
  const { key, after, before } = spec;
  const then = before === null ? null : judgeSide(before, key.scenario, new Set());
  const earlier: Earlier = baseline !== undefined ? baseline : then === null ? 'nothing' : earlierOf(then);
  const known = earlier === 'nothing' || earlier === null ? new Set<string>() : earlier.fingerprints;
  const now = judgeSide(after, key.scenario, known);
  return { key, after: now.result, before: then?.result ?? null, findings: compareFindings(now, earlier) };
}
