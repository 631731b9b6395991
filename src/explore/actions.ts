// What can be done to the target at a point: cancel it as another thread would, or send it the application's own signal.
import { postApplicationSignal } from '../world/post.js';
import { requestCancel, requestHeldCancel, resumeRequest } from './canceller.js';
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
  const { own } = session.subject;
  // What a sweep does at a point of the user's own program is what its user asked for.
  const action = deed === 'cancel' ? (own?.deed.kind ?? deed) : deed;
  session.world.kernel.history.push({ kind: 'choice', tid: 0, index, action });
  session.unwindHere();
  if (own?.deed.kind === 'cancel') requestHeldCancel(session);
  else if (action === 'cancel') requestCancel(session, preempts);
  else postApplicationSignal(session.world, session.target, session.targetTask.pid, signalOf(session));
}

function signalOf({ subject: { own } }: Session): number | undefined {
  return own?.deed.kind === 'signal' ? own.deed.sig : undefined;
}
