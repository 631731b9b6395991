// Who decides at a point: the recorded choices of a token, chance, or nobody.
import type { Point } from './points.js';

/**
 * What is done to the target from outside: its cancellation, or the application's own signal; or the canceller, preempted in
 * the middle of its request, goes on with it.
 */
export type Deed = 'cancel' | 'signal' | 'resume';

/** What can happen at a point. */
export type Action = 'continue' | Deed;

/** A strategy answers at every point; the exhaustive sweep, a random run and a replay are the same code with another one. */
export interface Choices {
  at(point: Point): Action;
  /** Asked before each transition of a canceller that makes its request: true stops it there. Absent: it is not asked. */
  readonly preempts?: (index: number) => boolean;
}

/**
 * The index counts the target's points from the deed before, or from the window's begin; for `preempt` the canceller's from
 * the begin of its request.
 */
export interface Chosen {
  readonly index: number;
  readonly action: Deed | 'preempt';
}

/** Repeats what was recorded, in order. `unused` is the first choice whose point did not come. */
export function recorded(
  choices: readonly Chosen[],
): Choices & { readonly unused: () => Chosen | undefined } {
  let next = 0;
  return {
    at: ({ index }) => {
      const choice = choices[next];
      if (choice === undefined || choice.index !== index || choice.action === 'preempt') return 'continue';
      next++;
      return choice.action;
    },
    preempts: (index) => {
      const choice = choices[next];
      const here = choice?.action === 'preempt' && choice.index === index;
      if (here) next++;
      return here;
    },
    unused: () => choices[next],
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
