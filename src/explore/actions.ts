// What can be done to the target at a point: cancel it as another thread would, or send it the application's own signal.
import { SI_TKILL, signals } from '../kernel/abi/signals.js';
import { killInfo } from '../kernel/siginfo.js';
import { sendToThread } from '../kernel/signal/send.js';
import { mark, role } from '../world/marks.js';
import type { Deed } from './choices.js';
import type { Session } from './session.js';

/** Carries it out; the target has the CPU again afterwards, if it can run. */
export function perform(session: Session, index: number, deed: Deed): void {
  session.world.kernel.history.push({ kind: 'choice', tid: 0, index, action: deed });
  if (deed === 'cancel') requestCancel(session);
  else sendSignal(session);
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

/** SIGUSR1 to the target thread, as tgkill from another one. */
function sendSignal(session: Session): void {
  const { kernel } = session.world;
  const sender = session.targetTask.pid;
  sendToThread(kernel, sender, session.target, killInfo(signals.SIGUSR1, SI_TKILL, sender));
}
