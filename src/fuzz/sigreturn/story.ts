// One case of `sigreturn` told instruction by instruction.
import type { VdsoImage } from '../../vdso/index.js';
import { Draws } from '../core/draws.js';
import { played, type StageStory } from '../entry/story.js';
import { SigreturnTarget } from './target.js';

/** Plays the case once more, with every instruction noted. */
export function tellSigreturn(image: VdsoImage, caseDraws: readonly number[]): StageStory {
  const target = new SigreturnTarget([image]);
  try {
    const draws = [0, ...caseDraws];
    const { finding, inconclusive } = target.run(new Draws(draws));
    const trial = target.trial(new Draws(draws));
    const title = `in the model, ${trial.image.form}`;
    const runs = [played(title, (tracer) => target.player(trial, tracer))];
    return { of: trial.of, image: trial.image, other: null, finding, inconclusive, runs };
  } finally {
    target.close();
  }
}
