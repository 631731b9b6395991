// One run from a point to its end.
import type { RunRecord } from '../world/record.js';
import { type Ending, INSTRUCTION_BOUND, TRANSITION_BOUND } from '../world/world.js';
import { perform } from './actions.js';
import type { Choices, Deed } from './choices.js';
import { finishCall } from './finish-call.js';
import { type Point, walk } from './points.js';
import type { Session } from './session.js';

/** From a point on: do the deed, then run to the end. */
export function runFrom(session: Session, index: number, deed: Deed): RunRecord {
  perform(session, index, deed);
  return session.record(runToEnd(session));
}

/** Bounds the kernel's transitions; single instructions count by themselves, with the bound of a free run. */
export function runToEnd(session: Session): Ending;
/** `stop` is asked after every transition; null when it said so. */
export function runToEnd(session: Session, stop: () => boolean): Ending | null;
export function runToEnd(session: Session, stop?: () => boolean): Ending | null {
  const { history } = session.world;
  let transitions = 0;
  for (let steps = 0; transitions < TRANSITION_BOUND && steps < INSTRUCTION_BOUND; steps++) {
    const events = history.length;
    const stuck = session.schedule() ?? session.advance();
    if (stuck !== null) return stuck;
    if (history.length === events) continue;
    transitions++;
    if (stop === undefined) transitions += finishCall(session);
    else if (stop()) return null;
  }
  return { kind: 'bound', what: transitions < TRANSITION_BOUND ? 'instructions' : 'transitions' };
}

/**
 * One run with the choices of a strategy, from the begin of the window. `points` are those at which it chose a deed; the
 * points after a deed count from 0 again.
 */
export function runWith(session: Session, choices: Choices): { run: RunRecord; points: Point[] } {
  const points: Point[] = [];
  for (;;) {
    const taken = nextDeed(session, choices);
    if (taken === null) return { run: session.record(runToEnd(session)), points };
    points.push(taken.point);
    perform(session, taken.point.index, taken.deed, choices.preempts);
  }
}

function nextDeed(session: Session, choices: Choices): { point: Point; deed: Deed } | null {
  for (const point of walk(session)) {
    const action = choices.at(point);
    if (action !== 'continue') return { point, deed: action };
  }
  return null;
}
