// What a fuzz is about, as plain data that a worker can be given, and the target that it stands for.
import { findDesign } from '../design/designs.js';
import type { HandlerId } from '../explore/scenarios.js';
import { USUAL_SCENARIOS } from '../explore/scenarios.js';
import { defaultImages } from '../suite/plan.js';
import { CancelTarget } from './cancel/target.js';
import { FuzzError } from './core/errors.js';
import type { SliceRequest, SliceResult } from './core/slice.js';
import { runSlice } from './core/slice.js';
import type { Target, TargetId } from './core/target.js';
import { fuzzImages } from './entry/images.js';
import { EntryTarget } from './entry/target.js';
import { ImageTarget } from './image/target.js';
import { findPlant, planted } from './plants.js';
import { SigreturnTarget } from './sigreturn/target.js';

export interface FuzzSpec {
  readonly target: TargetId;
  /** A mistake put in, see plants.ts; null is the code as it is. */
  readonly plant: string | null;
  /** For `cancel`; null is what ships, in the usual scenarios. */
  readonly design: string | null;
  readonly scenario: string | null;
}

/** The code as it ships: nothing is known to be wrong with it but what the handlers left out here show. */
const SHIPPED = [
  { design: 'pc-check', libc: 'musl-1.2.3' },
  { design: 'pc-check-glibc', libc: 'glibc-2.41' },
];
const HANDLERS: readonly (HandlerId | null)[] = [null, 'restart', 'returns', 'calls'];

function cancelTarget({ plant, design, scenario }: FuzzSpec): CancelTarget {
  const found = plant === null ? undefined : findPlant(plant);
  const control = found?.target === 'cancel' ? found : undefined;
  const wanted = control?.design ?? design;
  const libc =
    (wanted === null ? undefined : findDesign(wanted))?.libc.name === 'glibc' ? 'glibc-2.41' : 'musl-1.2.3';
  const only = control?.scenario ?? scenario;
  return new CancelTarget({
    designs: wanted === null || wanted === undefined ? SHIPPED : [{ design: wanted, libc }],
    images: defaultImages(),
    scenarios: only === null ? USUAL_SCENARIOS.map(({ id }) => id) : [only],
    handlers: HANDLERS,
  });
}

function entryTarget({ plant }: FuzzSpec): EntryTarget {
  const images = fuzzImages();
  const found = plant === null ? undefined : findPlant(plant);
  if (found?.target !== 'entry') return new EntryTarget(images);
  // The changed image meets the others often enough when there are few of them.
  return new EntryTarget(planted(found, images).slice(0, 3));
}

function imageTarget(): ImageTarget {
  const [image] = fuzzImages();
  if (image === undefined) throw new FuzzError('NO_SUBJECT', 'there are no vDSO images to run programs with');
  return new ImageTarget(image);
}

export function makeTarget(spec: FuzzSpec): Target {
  switch (spec.target) {
    case 'entry':
      return entryTarget(spec);
    case 'cancel':
      return cancelTarget(spec);
    case 'sigreturn':
      return new SigreturnTarget(fuzzImages());
    case 'image':
      return imageTarget();
  }
}

export interface SliceTask {
  readonly spec: FuzzSpec;
  readonly request: SliceRequest;
}

let kept: { readonly key: string; readonly target: Target } | undefined;

/** One slice, with the target of the slice before where it is the same: opening worlds takes longer than a slice. */
export function slice({ spec, request }: SliceTask): SliceResult {
  const key = JSON.stringify(spec);
  if (kept?.key !== key) {
    kept?.target.close();
    kept = { key, target: makeTarget(spec) };
  }
  const result = runSlice(kept.target, request);
  // After a fault of the tool nothing of the target is trusted.
  if (result.found.some(({ finding }) => finding.rule === 'tool-fault')) {
    kept.target.close();
    kept = undefined;
  }
  return result;
}
