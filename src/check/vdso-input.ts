// --vdso FILE: a vDSO image, or every one inside a kernel, compared with a shipped one of the same kind of entry.

import { existsSync } from 'node:fs';
import { allImages } from '../suite/catalog.js';
import { SETUP } from '../suite/folders.js';
import {
  cpuKindsOf,
  imagesInFile,
  loadVariant,
  loadVdso,
  readAlternatives,
  type VdsoImage,
} from '../vdso/index.js';
import { FRAMES } from './frames-side.js';
import {
  type CheckChoice,
  type CheckPlan,
  DEFAULT_LIBC,
  entryOf,
  type PlanResult,
  refuse,
  scenariosOf,
  shippedProgram,
  sweepSideOf,
} from './plan.js';
import type { TrialSpec } from './types.js';

/**
 * Shipped libraries make cancellable calls by int $0x80, so an image is judged by designs that go through it: one that
 * unwinds the image's frame and is clean on every shipped image, and the naive one in the situations in which it is clean.
 */
const DESIGNS: readonly { readonly id: string; readonly only: readonly string[] | null }[] = [
  { id: 'unwind', only: null },
  { id: 'naive-vdso', only: ['read-data', 'disabled'] },
];

export interface VdsoRequest {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly choice: CheckChoice;
}

/** Images as the kernel patches them for each kind of CPU; one without alternatives stands for itself. */
function variantsOf(bytes: Uint8Array, name: string): VdsoImage[] | string {
  const loaded = loadVdso(bytes, { id: name });
  if (!loaded.ok) return loaded.error.message;
  const { flavour, elf } = loaded.image;
  const alternatives = readAlternatives(elf);
  if (!alternatives.ok) return alternatives.error.message;
  if (alternatives.alternatives.length === 0) return [loaded.image];
  const variants: VdsoImage[] = [];
  for (const cpu of cpuKindsOf(flavour)) {
    const variant = loadVariant(bytes, name, flavour, cpu);
    if (!variant.ok) return variant.error.message;
    variants.push(variant.image);
  }
  return variants;
}

export function planVdso({ path, bytes, choice }: VdsoRequest): PlanResult {
  const found = imagesInFile(bytes, path);
  if (!found.ok) return refuse(found.error.message);
  const plans: CheckPlan[] = [];
  for (const [i, one] of found.images.entries()) {
    const name = found.images.length > 1 ? `${path}#${i + 1}` : path;
    const variants = variantsOf(one, name);
    if (typeof variants === 'string') return refuse(variants);
    for (const image of variants) {
      const planned = planImage({ what: name, image, choice, file: null });
      if (!planned.ok) return planned;
      plans.push(planned.plan);
    }
  }
  const [first] = plans;
  if (first === undefined) return refuse(`${path}: no vDSO image in it`);
  const specs = plans.flatMap((plan) => plan.specs);
  const against = [...new Set(plans.map((plan) => plan.against))].join(', ');
  return {
    ok: true,
    plan: { ...first, what: path, against, specs, gaps: plans.flatMap((plan) => plan.gaps) },
  };
}

export interface ImageRequest {
  readonly what: string;
  readonly image: VdsoImage;
  readonly choice: CheckChoice;
  readonly file: string | null;
  /** Only the design that calls it and does nothing else about it. */
  readonly naive?: boolean;
}

/** A shipped image with the same kind of kernel and entry: the chosen one, or the newest of the same form, or the newest. */
function counterpart({ flavour, cpu, form }: VdsoImage, { images }: CheckChoice): VdsoImage | undefined {
  const alike = allImages()
    .flatMap((entry) => (entry.ok ? [entry.image] : []))
    // Ids of kernels begin with their version: this machine's own image and the rebuilt ones are none.
    .filter((image) => /^\d/.test(image.id) && image.flavour === flavour && image.cpu === cpu)
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  const chosen = alike.find(({ id }) => images.includes(id));
  return chosen ?? alike.filter((image) => image.form === form).at(-1) ?? alike.at(-1);
}

export function planImage({ what, image, choice, file, naive = false }: ImageRequest): PlanResult {
  const scenarios = scenariosOf(choice);
  if (typeof scenarios === 'string') return refuse(scenarios, true);
  const libc = choice.libc ?? DEFAULT_LIBC;
  if (!existsSync(shippedProgram(libc, scenarios[0] ?? '')))
    return refuse(`no programs for ${libc}: run ${SETUP}`);
  const shipped = counterpart(image, choice);
  const gaps =
    shipped === undefined
      ? [`no shipped image enters by ${image.cpu} on ${image.flavour}: nothing to compare with`]
      : [];
  const designs = naive ? [{ id: 'naive-vdso', only: null }] : DESIGNS;
  const specs = designs.flatMap(({ id, only }) =>
    scenarios
      .filter((scenario) => only === null || only.includes(scenario))
      .map((scenario): TrialSpec => {
        const side = (label: string, one: VdsoImage) =>
          sweepSideOf({
            label,
            libc,
            program: shippedProgram(libc, scenario),
            design: id,
            given: null,
            image: one,
          });
        const key = { code: id, scenario, entry: entryOf(image) };
        const before = shipped === undefined ? null : side(shipped.id, shipped);
        return { key, after: side(what, image), before };
      }),
  );
  const frames = (label: string, { bytes }: VdsoImage) =>
    ({ kind: 'frames', label, bytes, only: null }) as const;
  const key = { code: FRAMES, scenario: FRAMES, entry: entryOf(image) };
  const held = {
    key,
    after: frames(what, image),
    before: shipped === undefined ? null : frames(shipped.id, shipped),
  };
  return { ok: true, plan: { what, against: shipped?.id ?? null, file, specs: [...specs, held], gaps } };
}
