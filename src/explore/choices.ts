import type { Point } from './points.js';

/** What can be done at a point: let the thread go on, or have the canceller act. */
export type Action = 'continue' | 'cancel';

/** A strategy answers at every point; the exhaustive sweep, a random run and a replay are the same code with another one. */
export interface Choices {
  at(point: Point): Action;
}

export interface Chosen {
  readonly index: number;
  readonly action: 'cancel';
}

/** Repeats what was recorded. */
export function recorded(choices: readonly Chosen[]): Choices {
  return { at: ({ index }) => choices.find((choice) => choice.index === index)?.action ?? 'continue' };
}

/** The run without any cancellation. */
export const undisturbed: Choices = { at: () => 'continue' };

/** Cancels at a point drawn from the first `points` ones; the same seed draws the same point. */
export function randomChoices(seed: number, points: number): Choices {
  // One step of a linear congruential generator is enough for one draw.
  const drawn = (Math.imul(seed ^ 0x9e3779b9, 1_664_525) + 1_013_904_223) >>> 0;
  const chosen = drawn % Math.max(1, points);
  return { at: ({ index }) => (index === chosen ? 'cancel' : 'continue') };
}
