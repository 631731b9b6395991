// What became of each finding between two versions of the code.
import type {
  CheckReport,
  CheckVerdict,
  ComparedFinding,
  Finding,
  SideResult,
  Status,
  Trial,
} from './types.js';

/** One version's result in one trial. */
export interface Judged {
  readonly result: SideResult;
  readonly findings: readonly Finding[];
}

/** Everything planned was run and could be judged; only then does a missing finding mean something. */
export function isComplete({
  reasons,
  planned,
  executed,
}: Pick<SideResult, 'reasons' | 'planned' | 'executed'>): boolean {
  return reasons.length === 0 && planned === executed;
}

/** A finding of now, with the fingerprints of then. */
function statusNow({ fingerprint }: Finding, before: Earlier): Status {
  if (before === 'nothing') return 'found';
  if (before === null) return 'not comparable';
  if (before.fingerprints.has(fingerprint)) return 'unchanged';
  return before.complete ? 'new' : 'not comparable';
}

/** `nothing`: no comparison was asked for; null: it was, but there is no result to compare with. */
export type Earlier =
  | 'nothing'
  | null
  | {
      readonly complete: boolean;
      readonly fingerprints: ReadonlySet<string>;
      readonly findings: readonly Finding[];
    };

export function earlierOf({ result, findings }: Judged): Exclude<Earlier, 'nothing' | null> {
  return {
    complete: isComplete(result),
    fingerprints: new Set(findings.map(({ fingerprint }) => fingerprint)),
    findings,
  };
}

/** Findings of now in their order, then those that were there before and are not any more. */
export function compareFindings(now: Judged, before: Earlier): ComparedFinding[] {
  const present = now.findings.map((finding) => ({ ...finding, status: statusNow(finding, before) }));
  if (before === 'nothing' || before === null) return present;
  const here = new Set(now.findings.map(({ fingerprint }) => fingerprint));
  const status: Status = isComplete(now.result) ? 'fixed' : 'not comparable';
  const gone = before.findings
    .filter(({ fingerprint }) => !here.has(fingerprint))
    .map((finding) => ({ ...finding, story: null, status }));
  return [...present, ...gone];
}

/** New findings are violations, and so is any finding when there was nothing to compare with. */
export function checkVerdict({ trials, gaps }: Pick<CheckReport, 'trials' | 'gaps'>): CheckVerdict {
  const has = (...wanted: Status[]) =>
    trials.some(({ findings }) => findings.some(({ status }) => wanted.includes(status)));
  if (has('new', 'found')) return 'violation';
  const complete = trials.length > 0 && trials.every(({ after }) => isComplete(after));
  return complete && gaps.length === 0 && !has('not comparable') ? 'clean' : 'incomplete';
}

/** How many findings have each status, in the order in which they are told. */
export function countStatuses(
  trials: readonly Trial[],
): { readonly status: Status; readonly count: number }[] {
  const order: readonly Status[] = ['found', 'new', 'fixed', 'unchanged', 'not comparable'];
  const all = trials.flatMap(({ findings }) => findings);
  return order.map((status) => ({
    status,
    count: all.filter((finding) => finding.status === status).length,
  }));
}
