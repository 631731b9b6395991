// Two deeds at every ordered pair of points: the second also inside the handler of the first, in its trampoline and in the
// way back.
import type { RunRecord } from '../world/record.js';
import type { Ending } from '../world/world.js';
import { perform } from './actions.js';
import type { Chosen, Deed } from './choices.js';
import { Judged, runMerged } from './merge.js';
import { type Point, walk } from './points.js';
import type { Session } from './session.js';

export interface PairResult<T> {
  readonly choices: readonly Chosen[];
  readonly second: Point;
  readonly result: T;
}

export interface PairSweep<T> {
  /** Ordered pairs of points. */
  readonly pairs: number;
  /** Pairs that were run to their end; the others had a state that was judged before. */
  readonly executed: number;
  readonly results: readonly PairResult<T>[];
}

export interface PairOptions<T> {
  readonly first: Deed;
  readonly second: Deed;
  readonly merge: boolean;
  readonly judge: (run: RunRecord) => T;
}

export function sweepPairs<T>(session: Session, options: PairOptions<T>): PairSweep<T> {
  const judged: Judged<T> | null = options.merge ? new Judged() : null;
  const results: PairResult<T>[] = [];
  let executed = 0;
  for (const point of walk(session)) {
    const here = session.snapshot();
    perform(session, point.index, options.first);
    for (const second of walk(session)) {
      const there = session.snapshot();
      perform(session, second.index, options.second);
      const judge = (ending: Ending) => options.judge(session.record(ending));
      const run = runMerged(session, judged, judge);
      if (!run.merged) executed++;
      const first: Chosen = { index: point.index, action: options.first };
      results.push({
        choices: [first, { index: second.index, action: options.second }],
        second,
        result: run.result,
      });
      session.restore(there);
      session.discard(there);
    }
    session.restore(here);
    session.discard(here);
  }
  return { pairs: results.length, executed, results };
}
