import type { Task } from '../kernel/state.js';
import type { Session } from './session.js';

/**
 * After a trap, where nobody chooses: lets the call run up to user mode, to its sleep or to the thread's end. Returns the
 * number of transitions that left a trace. What is stepped is left alone.
 */
export function finishCall(session: Session): number {
  const { world } = session;
  if (session.tracer !== null || session.unwinding !== null) return 0;
  const task = world.current;
  let transitions = 0;
  while (isInKernel(task) && !task.yielded && world.isRunnable(task) && world.livelock() === null) {
    const events = world.history.length;
    world.advance(1);
    if (world.history.length > events) transitions++;
  }
  session.observe();
  return transitions;
}

function isInKernel({ phase }: Task): boolean {
  return phase.kind === 'entry' || phase.kind === 'woken' || phase.kind === 'exit';
}
