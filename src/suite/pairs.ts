// Two deliveries in one run: the cancellation and the application's own signal, in both orders, at every pair of points.
import type { Chosen, Deed } from '../explore/choices.js';
import { sweepPairs } from '../explore/pairs.js';
import { Session } from '../explore/session.js';
import { subjectHash } from '../explore/subject.js';
import { syscallName } from '../kernel/syscalls/table.js';
import { judge } from '../rules/judge.js';
import { findSubject } from './catalog.js';
import { UnknownNameError } from './cell.js';
import { placesOf } from './places.js';
import type { CellId, PointResult } from './types.js';

export interface PairFinding {
  readonly choices: readonly [Chosen, Chosen];
  /** Where the second delivery struck, and what was broken. */
  readonly second: PointResult;
}

export interface OrderedPairs {
  readonly first: Deed;
  readonly second: Deed;
  readonly pairs: number;
  readonly executed: number;
  readonly passed: number;
  readonly inconclusive: number;
  readonly findings: readonly PairFinding[];
}

export type PairsResult =
  | {
      readonly kind: 'swept';
      readonly id: CellId;
      readonly code: string;
      readonly orders: readonly OrderedPairs[];
    }
  | { readonly kind: 'skipped'; readonly id: CellId; readonly reason: string };

/** Both orders on one cell. With `merge`, a state that was judged before is not run again. */
export function runPairs(id: CellId, merge: boolean): PairsResult {
  const found = findSubject(id);
  if (!found.ok && found.missing) return { kind: 'skipped', id, reason: found.reason };
  if (!found.ok) throw new UnknownNameError(found.reason);
  const { subject } = found;
  const opened = Session.open(subject);
  if (!opened.ok) return { kind: 'skipped', id, reason: opened.reason };
  const { session } = opened;
  const place = placesOf(subject);
  const start = session.snapshot();
  const orders = (
    [
      ['cancel', 'signal'],
      ['signal', 'cancel'],
    ] as const
  ).map(([first, second]): OrderedPairs => {
    const { pairs, executed, results } = sweepPairs(session, { first, second, merge, judge });
    session.restore(start);
    const points = results.map(({ choices, second: point, result }) => ({
      choices,
      second: {
        index: point.index,
        moment: point.moment,
        place: place(point.address),
        call: point.nr === null ? null : syscallName(point.nr),
        verdict: result,
      },
    }));
    const count = (kind: string) => points.filter(({ second: { verdict } }) => verdict.kind === kind).length;
    const findings = points.filter(({ second: { verdict } }) => verdict.kind === 'violation');
    return {
      first,
      second,
      pairs,
      executed,
      passed: count('pass'),
      inconclusive: count('inconclusive'),
      findings,
    };
  });
  session.close();
  return { kind: 'swept', id, code: subjectHash(subject), orders };
}
