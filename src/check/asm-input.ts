// --asm FILE --replaces SYMBOL: assembly laid over a shipped function, compared with the function as shipped.
import { existsSync, readFileSync } from 'node:fs';
import { parseElf } from '../elf/index.js';
import { allLibcs } from '../suite/catalog.js';
import { SETUP } from '../suite/folders.js';
import type { VdsoImage } from '../vdso/index.js';
import { type Assembled, assemble } from './assembly.js';
import { FRAMES } from './frames-side.js';
import {
  type CheckChoice,
  entryOf,
  familyOf,
  imagesOf,
  libcOf,
  ownDesign,
  type PlanResult,
  refuse,
  scenariosOf,
  shippedProgram,
  shippedSide,
  sweepSideOf,
} from './plan.js';
import type { SweepSide, TrialSpec } from './types.js';
import { planImage } from './vdso-input.js';
import { imageFromAssembly } from './vdso-source.js';

export interface AsmRequest {
  readonly path: string;
  readonly text: string;
  readonly replaces: string;
  readonly choice: CheckChoice;
}

export const VSYSCALL = '__kernel_vsyscall';

export function planAssembly({ path, text, replaces, choice }: AsmRequest): PlanResult {
  const built = assemble({ name: path, path, text });
  if (!built.ok) return refuse(built.reason);
  const { assembled } = built;
  if (!assembled.defined.includes(replaces))
    return refuse(`${path} does not define the global symbol ${replaces} (is .globl missing?)`);
  if (replaces === VSYSCALL) {
    const image = imageFromAssembly({ name: path, path, text });
    if (!image.ok) return refuse(image.error.message);
    return planImage({ what: `${path} as ${VSYSCALL}`, image: image.image, choice, file: path });
  }
  const libc = libcOf(choice);
  if (typeof libc !== 'string') return refuse(libc.reason, allLibcs().length > 0);
  const parts = {
    label: path,
    what: `${path} laid over ${replaces} of ${libc}`,
    assembled,
    libc,
    file: path,
  };
  return planOverlay({ ...parts, choice, replaces, before: null });
}

export interface OverlayRequest {
  readonly label: string;
  readonly what: string;
  readonly assembled: Assembled;
  readonly libc: string;
  readonly file: string | null;
  readonly choice: CheckChoice;
  /** A symbol that the programs must have. */
  readonly replaces: string;
  /** The version to compare with; null: the function as shipped. */
  readonly before: { readonly label: string; readonly assembled: Assembled } | null;
}

/** Assembly over a shipped library in every chosen scenario, and its frame descriptions if it has any. */
export function planOverlay(request: OverlayRequest): PlanResult {
  const { label, what, assembled, libc, file, choice, replaces, before } = request;
  const scenarios = scenariosOf(choice);
  if (typeof scenarios === 'string') return refuse(scenarios, true);
  const images = imagesOf(choice);
  if (typeof images === 'string') return refuse(images, choice.images.length > 0);
  const design = ownDesign(libc);
  if (design === undefined) return refuse(`sigsweep does not know how ${libc} makes its calls`);
  const absent = missingSymbol(libc, scenarios[0] ?? '', replaces);
  if (absent !== null) return refuse(absent, true);
  const laid = (
    scenario: string,
    image: VdsoImage,
    one: Pick<OverlayRequest, 'label' | 'assembled'>,
  ): SweepSide =>
    sweepSideOf({
      ...{ label: one.label, libc, program: shippedProgram(libc, scenario), design: design.id },
      ...{ given: one.assembled.given, lines: one.assembled.lines, image },
    });
  const specs = images.flatMap((image) =>
    scenarios.map((scenario): TrialSpec => {
      const key = { code: familyOf(libc), scenario, entry: entryOf(image) };
      const then = before === null ? shippedSide(libc, scenario, image) : laid(scenario, image, before);
      return { key, after: laid(scenario, image, { label, assembled }), before: then };
    }),
  );
  const frames = framesSpec(label, assembled, before);
  const against = before?.label ?? `${libc} as shipped`;
  return { ok: true, plan: { what, against, file, specs: [...specs, ...frames], gaps: [] } };
}

/** Only the frame descriptions: for code that is no part of a program here. */
export function planFramesOnly(label: string, assembled: Assembled, symbol: string): PlanResult {
  const specs = framesSpec(label, assembled, null);
  if (!assembled.defined.includes(symbol)) return refuse(`it does not define ${symbol}`);
  if (specs.length === 0) return refuse('it has no frame description');
  return { ok: true, plan: { what: label, against: null, file: label, specs, gaps: [] } };
}

/** Nothing to judge where there is no description; then there is no trial that could be taken for a pass. */
function framesSpec(label: string, assembled: Assembled, before: OverlayRequest['before']): TrialSpec[] {
  const has = ({ object }: Assembled) => object.findSection('.eh_frame') !== undefined;
  if (!has(assembled)) return [];
  const side = (name: string, { bytes }: Assembled) =>
    ({ kind: 'frames', label: name, bytes, only: null }) as const;
  const key = { code: FRAMES, scenario: FRAMES, entry: 'any' };
  const then = before !== null && has(before.assembled) ? side(before.label, before.assembled) : NO_FRAMES;
  return [{ key, after: side(label, assembled), before: then }];
}

/** What a function without a description has wrong in it: nothing. */
const NO_FRAMES = {
  kind: 'frames',
  label: 'no frame descriptions',
  bytes: new Uint8Array(0),
  only: null,
} as const;

function missingSymbol(libc: string, scenario: string, symbol: string): string | null {
  const path = shippedProgram(libc, scenario);
  if (!existsSync(path)) return `no program ${scenario} for ${libc}: run ${SETUP}`;
  const parsed = parseElf(new Uint8Array(readFileSync(path)), `${libc}/${scenario}`);
  if (!parsed.ok) return parsed.error.message;
  return parsed.elf.findSymbol(symbol) === undefined ? `${libc} has no symbol ${symbol}` : null;
}
