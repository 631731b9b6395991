// Who decides at a point: the recorded choices of a token, chance, or nobody.
import type { Point } from './points.js';

/** What is done to the target from outside: its cancellation, or the application's own signal. */
export type Deed = 'cancel' | 'signal';

/** What can happen at a point. */
export type Action = 'continue' | Deed;

/** A strategy answers at every point; the exhaustive sweep, a random run and a replay are the same code with another one. */
export interface Choices {
  at(point: Point): Action;
}

/** The index counts the target's points from the deed before, or from the window's begin. */
export interface Chosen {
  readonly index: number;
  readonly action: Deed;
}

/** Repeats what was recorded, in order. */
export function recorded(choices: readonly Chosen[]): Choices {
  let next = 0;
  return {
    at: ({ index }) => {
      const choice = choices[next];
      if (choice?.index !== index) return 'continue';
      next++;
      return choice.action;
    },
  };
}

/** The run without any cancellation. */
export const undisturbed: Choices = { at: () => 'continue' };

/** Cancels at a point drawn from the first `points` ones; the same seed draws the same point. */
export function randomChoices(seed: number, points: number): Choices {
  const chosen = Math.floor((mixed(seed) / 2 ** 32) * points);
  let done = false;
  return {
    at: ({ index }) => {
      if (done || index !== chosen) return 'continue';
      done = true;
      return 'cancel';
    },
  };
}

/** MurmurHash3's finaliser: every bit of the seed reaches every bit of the 32-bit result, so that seeds in a row differ. */
function mixed(seed: number): number {
  let bits = (seed + 0x9e3779b9) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
