// What can be done to the target at a point: cancel it as another thread would, or send it the application's own signal.
import { mark, role } from '../world/marks.js';
import { postApplicationSignal } from '../world/post.js';
import type { Deed } from './choices.js';
import type { Session } from './session.js';

/** Carries it out; the target has the CPU again afterwards, if it can run. */
export function perform(session: Session, index: number, deed: Deed): void {
  session.world.kernel.history.push({ kind: 'choice', tid: 0, index, action: deed });
  session.unwindHere();
  if (deed === 'cancel') requestCancel(session);
  else postApplicationSignal(session.world, session.target, session.targetTask.pid);
}

/**
 * The canceller runs its real pthread_cancel here, as on another CPU: until it has returned, or cannot go on because the
 * target holds what it needs.
 */
function requestCancel(session: Session): void {
  const { world } = session;
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
