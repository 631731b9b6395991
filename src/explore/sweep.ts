import type { RunRecord } from '../world/record.js';
import { perform } from './actions.js';
import { Judged, runMerged } from './merge.js';
import { planOf } from './plan.js';
import { type Point, walk } from './points.js';
import { missingReaches } from './reach.js';
import type { Session } from './session.js';
import type { Stand } from './unwind/unwinding.js';

/** Judges one finished run while its history is at hand; what it returns is all that is kept. */
export type Judge<T> = (run: RunRecord, point: Point) => T;

export interface Sweep<T> {
  readonly planned: number;
  readonly executed: number;
  /** Executed points whose run was not taken to its end, as it came to a state that was judged before. */
  readonly merged: number;
  /** What the scenario should have shown without a cancellation and did not. */
  readonly missing: readonly string[];
  readonly results: readonly { readonly point: Point; readonly result: T }[];
}

/** A window with more points has no end: a loop in user mode that nothing leaves. The largest one known has some 40,000. */
const POINTS_MAX = 250_000;

function endless<T>(planned: number): Sweep<T> {
  const missing = [`the window's end: after ${planned.toLocaleString('en-GB')} points it is not over`];
  return { planned, executed: 0, merged: 0, missing, results: [] };
}

/**
 * Cancels at every point of the window. The plan is made by walking the main line to its end; then it is walked again, and
 * at each point a branch runs to its end, or with `merge` to a state that was judged before, and is undone. After a result
 * that is `enough` no more points are run: `executed` then says how far it came.
 */
export function sweep<T>(
  session: Session,
  judge: Judge<T>,
  merge = false,
  enough: (result: T) => boolean = () => false,
): Sweep<T> {
  const judged: Judged<T> | null = merge ? new Judged() : null;
  let merged = 0;
  const start = session.snapshot();
  const points: Point[] = [];
  const stands: (Stand | null)[] = [];
  for (const point of walk(session)) {
    if (points.length === POINTS_MAX) return endless(points.length);
    points.push(point);
    stands.push(session.unwinding?.stand() ?? null);
  }
  const planned = points.length;
  const plan = planOf(points, session.subject.enter, stands);
  const missing = missingReaches(session, session.subject.scenario.reaches);
  session.restore(start);
  const results: { point: Point; result: T }[] = [];
  for (const point of walk(session)) {
    const here = session.snapshot();
    const attempt = () => {
      perform(session, point.index, 'cancel');
      return runMerged(session, judged, (ending) => judge(session.record(ending), point));
    };
    session.at(plan, point.index);
    let run = attempt();
    session.at(null, point.index);
    if (session.unwinding?.hasMissed === true) {
      // It left the main line unseen: again, with every instruction seen.
      session.unwinding.again();
      session.restore(here);
      run = attempt();
    }
    if (run.merged) merged++;
    results.push({ point, result: run.result });
    session.restore(here);
    session.discard(here);
    if (enough(run.result)) break;
  }
  session.restore(start);
  session.discard(start);
  return { planned, executed: results.length, merged, missing, results };
}
