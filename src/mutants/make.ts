// A mutant made into what can be swept: an overlay, the code added to a vDSO, or an image.
import { buildAssembly } from '../asm/index.js';
import { overlaySources } from '../design/sources.js';
import type { Design, GivenSources } from '../design/types.js';
import { findScenario, type Scenario } from '../explore/scenarios.js';
import { allImages, scenarioProgram } from '../suite/catalog.js';
import { OVERLAYS, ROOT } from '../suite/folders.js';
import { makeSubject, type SubjectResult } from '../suite/subject.js';
import { buildImage, type VdsoImage, type VdsoResult } from '../vdso/index.js';
import { sourceOf } from './listing.js';
import { designOf, LIBC, type MutantSubject } from './subjects.js';
import type { Item } from './types.js';

/** One sweep: a design in a scenario on an image. */
export interface Trial {
  readonly design: string;
  readonly scenario: string;
  readonly image: VdsoImage;
}

export interface Made {
  /** The subject's. */
  readonly id: string;
  readonly of: MutantSubject;
  readonly text: string;
  /** Null for what is no image, or cannot be built as one. */
  readonly image: VdsoResult | null;
  readonly trials: (scenarios: readonly Scenario[]) => Trial[];
}

/** What designs are swept on; the forms of the vDSO are subjects of their own. */
const IMAGES = ['6.1-686/sysenter'];

/** As for sigsweep check --vdso: the design that unwinds the image's frame, and the naive one where it is clean. */
const NAIVE_ONLY: readonly string[] = ['read-data', 'disabled'];

function shippedImages(): VdsoImage[] {
  const all = allImages().flatMap((one) => (one.ok ? [one.image] : []));
  return IMAGES.flatMap((id) => all.find((image) => image.id === id) ?? []);
}

function trialsOf(of: MutantSubject, image: VdsoResult | null, scenarios: readonly Scenario[]): Trial[] {
  const ids = [...new Set(scenarios.map(({ id }) => id))];
  const { design } = of;
  if (design !== null)
    return shippedImages().flatMap((shipped) =>
      ids.map((scenario) => ({ design, scenario, image: shipped })),
    );
  if (image?.ok !== true) return [];
  return ['unwind', 'naive-vdso'].flatMap((id) =>
    ids
      .filter((scenario) => id === 'unwind' || NAIVE_ONLY.includes(scenario))
      .map((scenario) => ({ design: id, scenario, image: image.image })),
  );
}

export function make(of: MutantSubject, items: readonly Item[]): Made {
  const text = sourceOf(items);
  const source = { name: of.id, text };
  const request = { id: of.id, flavour: of.flavour, cacheDir: OVERLAYS, asFlags: [], source };
  const image = of.role === 'image' ? buildImage(request) : null;
  return { id: of.id, of, text, image, trials: (scenarios) => trialsOf(of, image, scenarios) };
}

/** The object or image as built; the reason in words if it cannot be. */
export function bytesOf({ of, text, image }: Made): Uint8Array | string {
  if (image !== null) return image.ok ? image.image.bytes : image.error.message;
  const built = buildAssembly({ sources: [{ name: of.id, text }], cacheDir: OVERLAYS });
  return built.ok ? built.bytes : built.error.message;
}

function changedDesign({ of, text }: Made, id: string): Design {
  const design = designOf(id);
  if (of.role === 'image') return design;
  if (of.role === 'helpers')
    return design.vdsoHelpers === undefined
      ? design
      : { ...design, vdsoHelpers: { ...design.vdsoHelpers, text } };
  // What is compiled from C beside the assembly stays.
  const read = design.folder === null ? null : overlaySources(design, ROOT, OVERLAYS);
  const others = read?.ok === true ? read.sources.slice(1) : [];
  const given: GivenSources = { sources: [{ name: of.id, text }, ...others], asFlags: [], includeDirs: [] };
  return { ...design, given };
}

/** The trial may be another mutant's: an image takes its own place in it. */
export function subjectIn(made: Made, { design, scenario: id, image: given }: Trial): SubjectResult {
  const image = made.image?.ok === true ? made.image.image : given;
  const program = scenarioProgram(LIBC, id);
  const scenario = findScenario(id);
  if (!program.ok) return { ok: false, missing: true, reason: program.reason };
  if (scenario === undefined) return { ok: false, missing: false, reason: `no scenario ${id}` };
  const parts = { libc: LIBC, handler: null, program: program.elf, image, scenario };
  return makeSubject({ ...parts, design: changedDesign(made, design) });
}
