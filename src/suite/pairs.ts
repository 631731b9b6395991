// Two deliveries in one run: the cancellation and the application's own signal, in both orders, at every pair of points; and
// the canceller itself preempted, twice.
import type { Chosen } from '../explore/choices.js';
import { type PairSweep, sweepPairs } from '../explore/pairs.js';
import { sweepPreemptions } from '../explore/preempt.js';
import { Session } from '../explore/session.js';
import { subjectHash } from '../explore/subject.js';
import { syscallName } from '../kernel/syscalls/table.js';
import { judge } from '../rules/judge.js';
import type { Verdict } from '../rules/types.js';
import { findSubject } from './catalog.js';
import { UnknownNameError } from './cell.js';
import { type NamePlace, placesOf } from './places.js';
import type { CellId, PointResult } from './types.js';

export interface PairFinding {
  readonly choices: readonly Chosen[];
  /** Where the second delivery struck, and what was broken. */
  readonly second: PointResult;
}

export interface OrderedPairs {
  readonly first: Chosen['action'];
  readonly second: Chosen['action'];
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

interface Order extends Pick<OrderedPairs, 'first' | 'second'> {
  readonly sweep: (session: Session) => PairSweep<Verdict>;
}

/** Both orders on one cell. With `merge`, a state that was judged before is not run again. */
export function runPairs(id: CellId, merge: boolean): PairsResult {
  const order = (first: 'cancel' | 'signal', second: 'cancel' | 'signal'): Order => ({
    first,
    second,
    sweep: (session) => sweepPairs(session, { first, second, merge, judge }),
  });
  return runOrders(id, [order('cancel', 'signal'), order('signal', 'cancel')]);
}

/** The canceller preempted before each of its transitions: see PreemptionMode. */
export function runPreemptions(id: CellId, merge: boolean): PairsResult {
  return runOrders(id, [
    {
      first: 'cancel',
      second: 'preempt',
      sweep: (session) => sweepPreemptions(session, 'waits', { merge, judge }),
    },
    {
      first: 'preempt',
      second: 'resume',
      sweep: (session) => sweepPreemptions(session, 'resumes', { merge, judge }),
    },
  ]);
}

function runOrders(id: CellId, orders: readonly Order[]): PairsResult {
  const found = findSubject(id);
  if (!found.ok && found.missing) return { kind: 'skipped', id, reason: found.reason };
  if (!found.ok) throw new UnknownNameError(found.reason);
  const { subject } = found;
  const opened = Session.open(subject);
  if (!opened.ok) return { kind: 'skipped', id, reason: opened.reason };
  const { session } = opened;
  const place = placesOf(subject);
  const start = session.snapshot();
  try {
    const swept = orders.map((order): OrderedPairs => {
      const counted = countsOf(order.sweep(session), place);
      session.restore(start);
      return { first: order.first, second: order.second, ...counted };
    });
    return { kind: 'swept', id, code: subjectHash(subject), orders: swept };
  } finally {
    session.close();
  }
}

function countsOf(
  { pairs, executed, results }: PairSweep<Verdict>,
  place: NamePlace,
): Omit<OrderedPairs, 'first' | 'second'> {
  const count = (kind: Verdict['kind']) => results.filter(({ result }) => result.kind === kind).length;
  const findings = results.flatMap(({ choices, second: point, result }) => {
    if (result.kind !== 'violation') return [];
    const { index, moment, address, nr } = point;
    const call = nr === null ? null : syscallName(nr);
    return [{ choices, second: { index, moment, place: place(address), call, verdict: result } }];
  });
  return { pairs, executed, passed: count('pass'), inconclusive: count('inconclusive'), findings };
}
