/**
 * Only one thread is compared. In the real process the others run by themselves, as far as they get without it; so they do
 * in the model, before the compared thread goes on.
 */
import { INSTRUCTION_BOUND, type World } from '../world/world.js';

const TRANSITIONS_MAX = 1000;

export function settleOthers(world: World, main: number): void {
  for (let transitions = 0; transitions < TRANSITIONS_MAX; transitions++) {
    const other = world.tasks().find((task) => task.tid !== main && world.isRunnable(task));
    if (other === undefined) break;
    world.switchTo(other.tid);
    world.advance(INSTRUCTION_BOUND);
  }
  if (world.current.tid !== main) world.switchTo(main);
}
