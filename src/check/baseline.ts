// Baselines: what a version of the code has broken, kept in a file to compare later versions with.
import type { Earlier } from './compare.js';
import { isComplete } from './compare.js';
import { type Baseline, type ReadResult, readBaseline } from './schema.js';
import type { CheckReport, TrialKey } from './types.js';

/** Unique within a plan, and the same for another version of the code. */
export function keyText({ code, scenario, entry }: TrialKey): string {
  return `${code} ${scenario} ${entry}`;
}

/** What is there now; what is gone is left out. No counts and no hashes: they change with every build. */
export function baselineOf({ what, trials }: CheckReport): Baseline {
  return {
    schema: 1,
    kind: 'sigsweep-baseline',
    what,
    trials: trials.map(({ key, after, findings }) => ({
      key: { ...key },
      complete: isComplete(after),
      findings: findings
        .filter(({ status, points }) => status !== 'fixed' && points > 0)
        .map(({ line: _line, story: _story, status: _status, ...finding }) => finding),
    })),
  };
}

export function baselineText(baseline: Baseline): string {
  return `${JSON.stringify(baseline, null, 1)}\n`;
}

export function parseBaseline(text: string): ReadResult<Baseline> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'it is not JSON' };
  }
  return readBaseline(value);
}

/** What the baseline knows of a trial; null when it has none. */
export function earlierIn({ trials }: Baseline, key: TrialKey): Earlier {
  const found = trials.find((trial) => keyText(trial.key) === keyText(key));
  if (found === undefined) return null;
  const findings = found.findings.map((finding) => ({ ...finding, line: null, story: null }));
  return {
    complete: found.complete,
    fingerprints: new Set(findings.map(({ fingerprint }) => fingerprint)),
    findings,
  };
}
