import { mark, role } from '../world/marks.js';
import type { RunRecord } from '../world/record.js';
import { type Ending, INSTRUCTION_BOUND, TRANSITION_BOUND } from '../world/world.js';
import type { Action } from './choices.js';
import type { Session } from './session.js';

/** From a point on: do what was chosen, then run to the end. */
export function runFrom(session: Session, index: number, action: Action): RunRecord {
  if (action === 'cancel') requestCancel(session, index);
  return session.record(runToEnd(session));
}

/**
 * The canceller runs its real pthread_cancel here, as on another CPU: until it has returned, or cannot go on because the
 * target holds what it needs. Then the target has the CPU again.
 */
function requestCancel(session: Session, index: number): void {
  const { world } = session;
  world.kernel.history.push({ kind: 'choice', tid: 0, index, action: 'cancel' });
  const canceller = world.tasks().find((task) => task.parked === role.canceller);
  world.release(role.canceller);
  if (canceller === undefined) return;
  world.switchTo(canceller.tid);
  const from = world.history.length;
  while (world.isRunnable(world.current) && world.current.tid === canceller.tid) {
    if (session.advance() !== null) break;
    if (hasRequested(session, from)) break;
  }
  if (world.isRunnable(session.targetTask)) world.switchTo(session.target);
}

function hasRequested(session: Session, from: number): boolean {
  const { history } = session.world;
  const last = history.at(-1);
  // The mark's own return is its last event; the task is on its way back to user mode.
  return history.length > from && last?.kind === 'return' && last.nr === mark.requested;
}

/** Bounds the kernel's transitions; single instructions count by themselves, with the bound of a free run. */
function runToEnd(session: Session): Ending {
  const { history } = session.world;
  let transitions = 0;
  for (let steps = 0; transitions < TRANSITION_BOUND && steps < INSTRUCTION_BOUND; steps++) {
    const events = history.length;
    const stuck = session.schedule() ?? session.advance();
    if (stuck !== null) return stuck;
    if (history.length !== events) transitions++;
  }
  return { kind: 'bound', what: transitions < TRANSITION_BOUND ? 'instructions' : 'transitions' };
}
