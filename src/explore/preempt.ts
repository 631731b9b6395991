// Two threads: the canceller is preempted before every instruction of its own pthread_cancel.
import type { RunRecord } from '../world/record.js';
import type { Ending } from '../world/world.js';
import { perform } from './actions.js';
import { handBack, hasRequested, walkRequest } from './canceller.js';
import type { Chosen } from './choices.js';
import { Judged, runMerged } from './merge.js';
import type { PairResult, PairSweep } from './pairs.js';
import { type Point, walk } from './points.js';
import type { Session } from './session.js';

/**
 * `waits`: the request begins at a point of the target, is preempted at a point of the canceller, and the target goes on
 * until it waits or ends. `resumes`: the request begins where the window does, is preempted, and goes on at a point of the
 * target. Each is every schedule of the two threads with two preemptions.
 */
export type PreemptionMode = 'waits' | 'resumes';

export interface PreemptionOptions<T> {
  readonly merge: boolean;
  readonly judge: (run: RunRecord) => T;
}

export function sweepPreemptions<T>(
  session: Session,
  mode: PreemptionMode,
  options: PreemptionOptions<T>,
): PairSweep<T> {
  const results: PairResult<T>[] = [];
  const finish = finisher(session, options);
  let executed = 0;
  const branch = (choices: readonly Chosen[], second: Point, run: () => void) => {
    const here = session.snapshot();
    run();
    const { result, merged } = finish();
    if (!merged) executed++;
    results.push({ choices, second, result });
    session.restore(here);
    session.discard(here);
  };
  for (const point of walk(session)) {
    const begin: Chosen = { index: point.index, action: 'cancel' };
    const here = session.snapshot();
    session.world.kernel.history.push({ kind: 'choice', tid: 0, index: point.index, action: 'cancel' });
    for (const own of walkRequest(session)) {
      const stopped: readonly Chosen[] = [begin, { index: own.index, action: 'preempt' }];
      if (mode === 'waits') branch(stopped, own, () => handBack(session));
      else
        for (const { choices, second } of resumptions(session, stopped))
          branch(choices, second, () => perform(session, second.index, 'resume'));
    }
    session.restore(here);
    session.discard(here);
    if (mode === 'resumes') break;
  }
  return { pairs: results.length, executed, results };
}

/** The points of the target while the canceller stands still; afterwards everything is as before. */
function* resumptions(
  session: Session,
  stopped: readonly Chosen[],
): Generator<{ choices: readonly Chosen[]; second: Point }, void> {
  const here = session.snapshot();
  handBack(session);
  for (const second of walk(session)) {
    if (hasRequested(session)) break;
    yield { choices: [...stopped, { index: second.index, action: 'resume' }], second };
  }
  session.restore(here);
  session.discard(here);
}

function finisher<T>(session: Session, { merge, judge }: PreemptionOptions<T>) {
  const judged: Judged<T> | null = merge ? new Judged() : null;
  const conclude = (ending: Ending) => judge(session.record(ending));
  return () => runMerged(session, judged, conclude);
}
