// The run that a token names, of a sweep or of the fuzz, with its verdict and nothing else: for tests that hold a finding.
import { replay } from '../suite/replay.js';
import { parseToken } from '../suite/token.js';
import { isStageToken } from './core/token.js';
import { replayStage } from './replay.js';

export interface TokenRun {
  readonly kind: 'run';
  readonly token: string;
  readonly verdict: 'pass' | 'violation' | 'inconclusive';
  /** Why it could not be judged, or was refused; '' when it was judged. */
  readonly why: string;
  /** `place` is '' where a token names its points by number. */
  readonly broken: readonly { readonly rule: string; readonly place: string; readonly detail: string }[];
}

/** Runs exactly the case; a token that is none, or is for other code, is `inconclusive` with the reason. */
export function runToken(token: string): TokenRun {
  const base = { kind: 'run', token } as const;
  const unjudged = (why: string) => ({ ...base, verdict: 'inconclusive', why, broken: [] }) as const;
  if (isStageToken(token)) {
    const replayed = replayStage(token);
    if (!replayed.ok) return unjudged(replayed.reason);
    const { finding, inconclusive } = replayed.story;
    if (finding !== null) return { ...base, verdict: 'violation', why: '', broken: [finding] };
    return inconclusive === null ? { ...base, verdict: 'pass', why: '', broken: [] } : unjudged(inconclusive);
  }
  const parsed = parseToken(token);
  if (!parsed.ok) return unjudged(parsed.reason);
  const result = replay(parsed.token);
  if (!result.ok) return unjudged(result.reason);
  const { verdict } = result.replay;
  if (verdict.kind === 'inconclusive') return unjudged(verdict.reason);
  const violations = verdict.kind === 'violation' ? verdict.violations : [];
  const broken = violations.map(({ rule, detail }) => ({ rule, place: '', detail }));
  return { ...base, verdict: verdict.kind, why: '', broken };
}
