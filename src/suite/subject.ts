// A subject from its parts: a design laid over a program, with the image prepared for it.
import { buildHelperImage, type HelperImageResult } from '../design/helper-image.js';
import { buildOverlay } from '../design/overlay.js';
import type { Design } from '../design/types.js';
import type { ElfFile } from '../elf/index.js';
import type { HandlerId, Scenario } from '../explore/scenarios.js';
import type { Subject } from '../explore/subject.js';
import type { VdsoImage } from '../vdso/index.js';
import { OVERLAYS, ROOT } from './folders.js';

export type SubjectResult =
  | { readonly ok: true; readonly subject: Subject }
  /** `missing` is a fixture that set-up could not get; anything else is a mistake in what was asked for. */
  | { readonly ok: false; readonly missing: boolean; readonly reason: string };

export interface SubjectParts {
  /** What the C library is called. */
  readonly libc: string;
  readonly design: Design;
  readonly image: VdsoImage;
  readonly scenario: Scenario;
  readonly handler: HandlerId | null;
  readonly program: ElfFile;
}

function refused(reason: string): SubjectResult {
  return { ok: false, missing: false, reason };
}

/** The image itself, or a copy with the design's code in it. */
function vdsoFor(
  { vdsoHelpers }: Design,
  image: VdsoImage,
  folders: { readonly root: string; readonly cacheDir: string },
): HelperImageResult {
  if (vdsoHelpers === undefined) return { ok: true, image, exports: new Map() };
  return buildHelperImage(image, vdsoHelpers, folders);
}

/** Builds what has to be built; refuses when the program lacks a symbol that the design is about. */
export function makeSubject({
  libc,
  design,
  image,
  scenario,
  handler,
  program,
}: SubjectParts): SubjectResult {
  const folders = { root: ROOT, cacheDir: OVERLAYS };
  const prepared = vdsoFor(design, image, folders);
  if (!prepared.ok) return refused(prepared.message);
  const { image: vdso, exports: externals } = prepared;
  const built = buildOverlay({ design, ...folders, externals }, program);
  if (!built.ok) return refused(built.message);
  const addressOf = (name: string) => built.symbols.get(name) ?? program.findSymbol(name)?.value;
  const wanted = [design.symbols.enter ?? [], design.symbols.act].flat();
  const absent = wanted.find((name) => addressOf(name) === undefined);
  if (absent !== undefined) return refused(`${libc} has no symbol ${absent}, which ${design.id} is about`);
  const enter = design.symbols.enter === null ? null : (addressOf(design.symbols.enter) ?? null);
  const act = design.symbols.act.flatMap((name) => addressOf(name) ?? []);
  const { overlay, symbols: overlaySymbols } = built;
  const subject = { libc, design, vdso, scenario, handler, program, overlay, overlaySymbols, enter, act };
  return { ok: true, subject };
}
