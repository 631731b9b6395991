// What can be done to the target at a point: cancel it as another thread would, or send it the application's own signal.
import { postApplicationSignal } from '../world/post.js';
import { requestCancel, resumeRequest } from './canceller.js';
import type { Deed } from './choices.js';
import type { Session } from './session.js';

/**
 * Carries it out; the target has the CPU again afterwards, if it can run. `preempts` may stop a cancellation before one of
 * the canceller's own transitions.
 */
export function perform(
  session: Session,
  index: number,
  deed: Deed,
  preempts?: (index: number) => boolean,
): void {
  if (deed === 'resume') {
    resumeRequest(session);
    return;
  }
  session.world.kernel.history.push({ kind: 'choice', tid: 0, index, action: deed });
  session.unwindHere();
  if (deed === 'cancel') requestCancel(session, preempts);
  else postApplicationSignal(session.world, session.target, session.targetTask.pid);
}
