// Words that several reporters share.
import type { CheckReport, ComparedFinding, SideResult, Trial, TrialKey } from '../../check/types.js';

/** `read-data, musl, i386/sysenter`. */
export function trialName({ code, scenario, entry }: TrialKey): string {
  return code === scenario ? `${code}, ${entry}` : `${scenario}, ${code}, ${entry}`;
}

/** `clean 59`, `FAILS 7/63`, `incomplete 0/12`. */
export function sideText(side: SideResult, violating: number): string {
  const { verdict, planned, executed } = side;
  if (verdict === 'clean') return `clean ${executed}`;
  if (verdict === 'violation') return `FAILS ${violating}/${executed}`;
  return `${verdict} ${executed}/${planned}`;
}

/** Points of this version at which a rule is broken, as far as the findings tell. */
export function violatingPoints({ findings }: Trial): number {
  return findings.filter(({ status }) => status !== 'fixed').reduce((sum, { points }) => sum + points, 0);
}

/** A finding that the report fails for. */
export function isBad({ status }: ComparedFinding): boolean {
  return status === 'new' || status === 'found';
}

/** ok, failed, or skipped with what is missing: what test protocols want of a trial. */
export function outcomeOf(trial: Trial): {
  readonly kind: 'ok' | 'failed' | 'skipped';
  readonly why: string;
} {
  const bad = trial.findings.filter(isBad);
  if (bad.length > 0) return { kind: 'failed', why: bad.map(findingLine).join('; ') };
  const { reasons, planned, executed } = trial.after;
  if (reasons.length > 0) return { kind: 'skipped', why: reasons.join('; ') };
  if (planned !== executed) return { kind: 'skipped', why: `${executed} of ${planned} points were run` };
  const open = trial.findings.filter(({ status }) => status === 'not comparable');
  if (open.length > 0) return { kind: 'skipped', why: `not comparable: ${open.map(findingLine).join('; ')}` };
  return { kind: 'ok', why: '' };
}

/** `no-lost-cancel before __kernel_vsyscall: the thread sleeps …`. */
export function findingLine({ rule, where, detail }: ComparedFinding): string {
  return `${rule} ${where}: ${detail}`;
}

const ENDS: Readonly<Record<CheckReport['verdict'], string>> = {
  clean: 'nothing got worse; the check is complete',
  violation: 'a rule is broken',
  incomplete: 'the check is NOT complete',
};

export function endText({ verdict, against, trials }: CheckReport): string {
  if (verdict !== 'clean') return ENDS[verdict];
  const none = trials.every(({ findings }) => findings.every(({ status }) => status === 'fixed'));
  return against === null || none ? 'every rule holds; the check is complete' : ENDS.clean;
}
