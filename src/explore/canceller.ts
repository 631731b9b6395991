// The canceller as the thread that moves: its pthread_cancel run through, or stopped between any two of its own transitions.
// It is main in every program (fixtures/programs/cancel/cancel.h), so its thread id is the process's.
import { mark, role } from '../world/marks.js';
import type { Ending } from '../world/world.js';
import { ownMark } from './own-window.js';
import { type Point, pointOf } from './points.js';
import type { Session } from './session.js';

/**
 * The canceller runs its real pthread_cancel here, as on another CPU: until it has returned, or cannot go on because the
 * target holds what it needs. `preempts` is asked before each of its transitions, and may stop it there.
 */
export function requestCancel(session: Session, preempts?: (index: number) => boolean): void {
  if (preempts === undefined) {
    if (begin(session)) goOn(session);
  } else {
    for (const { index } of walkRequest(session)) if (preempts(index)) break;
  }
  handBack(session);
}

/**
 * The same for a program that makes no marks: its canceller stands at the entry of pthread_cancel, and has requested when it
 * is back where it was called from. One that has to wait in there is not followed any further: the run says so.
 */
export function requestHeldCancel(session: Session): void {
  const { world } = session;
  if (begin(session)) {
    const { tid } = world.current;
    const called = world.cpu.get('esp');
    const returnTo = world.cpu.readU32(called) ?? 0;
    const isBack = () =>
      world.current.phase.kind === 'user' &&
      world.cpu.get('eip') === returnTo &&
      world.cpu.get('esp') > called;
    while (canMove(session, tid) && !isBack()) if (step(session) !== null) break;
    if (canMove(session, tid) && isBack()) world.kernel.history.push(ownMark(tid, mark.requested));
    else world.kernel.history.push({ kind: 'unmodelled', tid, what: 'a pthread_cancel that has to wait' });
  }
  handBack(session);
}

/** One transition of the canceller; why the run cannot go on. */
function step(session: Session): Ending | null {
  if (session.tracer !== null) return session.step();
  session.world.advance(1);
  return session.world.livelock();
}

/** It was stopped in the middle, and goes on now. */
export function resumeRequest(session: Session): void {
  const { world } = session;
  const canceller = world.tasks().find(({ tid, pid }) => tid === pid);
  if (canceller === undefined || !world.isRunnable(canceller) || hasRequested(session)) return;
  world.switchTo(canceller.tid);
  goOn(session);
  handBack(session);
}

/**
 * The points of pthread_cancel, from its entry to its return, with the canceller on the CPU at each; whoever explores from
 * one must restore the session before asking for the next.
 */
export function* walkRequest(session: Session): Generator<Point, void> {
  if (!begin(session)) return;
  const { world } = session;
  const { tid } = world.current;
  let trapAddress = 0;
  for (let index = 0; canMove(session, tid) && !hasRequested(session); ) {
    if (says(session, mark.request) && world.current.phase.kind === 'user')
      trapAddress = world.cpu.get('eip');
    if (trapAddress !== 0) yield pointOf(world.current, index++, trapAddress);
    step(session);
  }
}

/** The target has the CPU again, if it can run. */
export function handBack({ world, targetTask, target }: Session): void {
  if (world.isRunnable(targetTask)) world.switchTo(target);
}

/** Puts the canceller on the CPU where it waits for the explorer's word; false when it does not wait. */
function begin({ world }: Session): boolean {
  const canceller = world.tasks().find((task) => task.parked === role.canceller);
  world.release(role.canceller);
  if (canceller !== undefined) world.switchTo(canceller.tid);
  return canceller !== undefined;
}

function goOn(session: Session): void {
  const { tid } = session.world.current;
  while (canMove(session, tid)) {
    if (session.advance() !== null || isBackWith(session, mark.requested)) return;
  }
}

function canMove({ world }: Session, tid: number): boolean {
  return world.current.tid === tid && world.isRunnable(world.current);
}

/** The mark's own return is its last event; the task is on its way back to user mode. */
function isBackWith({ world: { history } }: Session, number: number): boolean {
  const last = history.at(-1);
  return last?.kind === 'return' && last.nr === number;
}

/** The canceller's pthread_cancel has returned. */
export function hasRequested(session: Session): boolean {
  return says(session, mark.requested);
}

function says({ world: { history }, targetTask: { pid } }: Session, number: number): boolean {
  return history.some((event) => event.kind === 'mark' && event.tid === pid && event.mark === number);
}
