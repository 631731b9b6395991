// Exactly the case that a token of the stage names, or a refusal: for `sigsweep replay` and for tests.
import type { VdsoImage } from '../vdso/index.js';
import { parseStageToken } from './core/token.js';
import { fuzzImages } from './entry/images.js';
import { stageHash } from './entry/stage.js';
import { type StageStory, tellEntry } from './entry/story.js';
import { findPlant, planted } from './plants.js';
import { tellSigreturn } from './sigreturn/story.js';

export type StageReplay =
  | { readonly ok: true; readonly story: StageStory }
  | { readonly ok: false; readonly reason: string };

/** ID, or ID~PLANT for an image with a mistake in it. */
function imageOf(id: string, images: readonly VdsoImage[]): VdsoImage | undefined {
  const [, plantId] = id.split('~');
  if (plantId === undefined) return images.find((image) => image.id === id);
  const plant = findPlant(plantId);
  const [changed] = plant?.target === 'entry' ? planted(plant, images) : [];
  return changed?.id === id ? changed : undefined;
}

export function replayStage(text: string): StageReplay {
  const parsed = parseStageToken(text);
  if (!parsed.ok) return parsed;
  const { image: id, other: otherId, draws, code } = parsed.token;
  const images = fuzzImages();
  const image = imageOf(id, images);
  const other = otherId === null ? null : imageOf(otherId, images);
  const absent = image === undefined ? id : other === undefined ? otherId : null;
  if (image === undefined || other === undefined)
    return { ok: false, reason: `no vDSO image ${absent}: see sigsweep vdso` };
  const chosen: [VdsoImage, ...VdsoImage[]] = other === null ? [image] : [image, other];
  const here = stageHash(...chosen);
  if (here !== code)
    return { ok: false, reason: `the token is for code ${code}, but the code here is ${here}: fuzz again` };
  const { target } = parsed.token;
  return { ok: true, story: target === 'entry' ? tellEntry(chosen, draws) : tellSigreturn(image, draws) };
}
