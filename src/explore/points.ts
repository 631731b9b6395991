import type { Task } from '../kernel/state.js';
import type { Session } from './session.js';

/**
 * A point: between two transitions of the target thread inside its window. `user` is before an instruction; the others are
 * the kernel's own moments: `entry` after the trap and before the call looks, `asleep`, `woken` before it looks again,
 * `exit` with the result in EAX before user mode resumes.
 */
export type Moment = 'user' | 'entry' | 'asleep' | 'woken' | 'exit';

export interface Point {
  readonly index: number;
  readonly moment: Moment;
  /** The instruction: the next one in user mode, else the one that trapped. */
  readonly address: number;
  /** Number of the call, for the kernel's moments. */
  readonly nr: number | null;
}

/**
 * The points of the window in order, with the session standing at each; whoever explores from one must restore the session
 * before asking for the next. The run itself proves the end: there is no next point when the window is over, or when the
 * thread will sleep or go round in the kernel for ever.
 */
export function* walk(session: Session): Generator<Point, void> {
  let trapAddress = 0;
  for (let index = 0; !session.over && session.targetTask.phase.kind !== 'dead'; index++) {
    const task = session.targetTask;
    if (task.phase.kind === 'user') trapAddress = session.world.cpu.get('eip');
    yield pointOf(task, index, trapAddress);
    if (!moveMainLine(session)) return;
  }
}

/** Where a living task stands; `address` is that of its next instruction, in the kernel of the one that trapped. */
export function pointOf({ phase, origEax }: Task, index: number, address: number): Point {
  if (phase.kind === 'user') return { index, moment: 'user', address, nr: null };
  if (phase.kind === 'dead') throw new Error('a dead task stands nowhere');
  return { index, moment: phase.kind, address, nr: phase.kind === 'exit' ? origEax : phase.call.nr };
}

/** One transition of the target, or what others must do until it can move; false when it never will. */
function moveMainLine(session: Session): boolean {
  const { world } = session;
  const slept = !world.isRunnable(session.targetTask);
  while (!world.isRunnable(session.targetTask)) {
    if (session.schedule() !== null) return false;
    if (world.current.tid !== session.target) session.advance();
  }
  world.switchTo(session.target);
  // A thread that has just been woken stands at a point of its own, before its call looks again.
  return slept || session.step() === null;
}
