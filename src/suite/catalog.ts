import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findDesign } from '../design/designs.js';
import { buildHelperImage, type HelperImageResult } from '../design/helper-image.js';
import { buildOverlay } from '../design/overlay.js';
import { switchHint } from '../design/sticky.js';
import { type Design, fitsLibc } from '../design/types.js';
import { type ElfFile, parseElf } from '../elf/index.js';
import { findScenario } from '../explore/scenarios.js';
import type { Subject } from '../explore/subject.js';
import { type ListedImage, listImages, type VdsoImage } from '../vdso/index.js';
import type { CellId } from './types.js';

/** What set-up has put into fixtures/cache, and subjects made of it. */

/** The project's folder, from dist/suite or src/suite. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const CACHE = join(ROOT, 'fixtures', 'cache');

export type SubjectResult =
  | { readonly ok: true; readonly subject: Subject }
  /** `missing` is a fixture that set-up could not get; anything else is a mistake in the names. */
  | { readonly ok: false; readonly missing: boolean; readonly reason: string };

let images: readonly ListedImage[] | undefined;

/** Every vDSO image with its CPU variants, in order of ids. */
export function allImages(): readonly ListedImage[] {
  images ??= listImages(join(CACHE, 'vdso'));
  return images;
}

/** Ids of the C libraries there are programs for. */
export function allLibcs(): string[] {
  const folder = join(CACHE, 'programs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();
}

const programs = new Map<string, ElfFile>();

type ProgramResult =
  | { readonly ok: true; readonly elf: ElfFile }
  | { readonly ok: false; readonly reason: string };

function scenarioProgram(libc: string, scenario: string): ProgramResult {
  const path = join(CACHE, 'programs', libc, 'cancel', scenario);
  const known = programs.get(path);
  if (known !== undefined) return { ok: true, elf: known };
  if (!existsSync(path))
    return { ok: false, reason: `no program ${scenario} for ${libc}: run node scripts/bootstrap.mjs` };
  const parsed = parseElf(new Uint8Array(readFileSync(path)), `${libc}/${scenario}`);
  if (!parsed.ok) return { ok: false, reason: parsed.error.message };
  programs.set(path, parsed.elf);
  return { ok: true, elf: parsed.elf };
}

function unknown(reason: string): SubjectResult {
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

export function findSubject(id: CellId): SubjectResult {
  const design = findDesign(id.design);
  if (design === undefined)
    return unknown(`no design ${id.design}: see sigsweep matrix --list${switchHint(id.design)}`);
  const scenario = findScenario(id.scenario);
  if (scenario === undefined) return unknown(`no scenario ${id.scenario}: see sigsweep matrix --list`);
  const image = allImages().find((candidate) => candidate.id === id.vdso);
  if (image === undefined) return unknown(`no vDSO image ${id.vdso}: see sigsweep vdso`);
  if (!image.ok) return { ok: false, missing: true, reason: image.error.message };
  if (!fitsLibc(design.libc, id.libc)) return unknown(`design ${design.id} is not for ${id.libc}`);
  const program = scenarioProgram(id.libc, id.scenario);
  if (!program.ok) return { ok: false, missing: true, reason: program.reason };
  const folders = { root: ROOT, cacheDir: join(CACHE, 'overlays') };
  const prepared = vdsoFor(design, image.image, folders);
  if (!prepared.ok) return unknown(prepared.message);
  const { image: vdso, exports: externals } = prepared;
  const built = buildOverlay({ design, ...folders, externals }, program.elf);
  if (!built.ok) return unknown(built.message);
  const addressOf = (name: string) => built.symbols.get(name) ?? program.elf.findSymbol(name)?.value;
  const wanted = [design.symbols.enter ?? [], design.symbols.act].flat();
  const absent = wanted.find((name) => addressOf(name) === undefined);
  if (absent !== undefined) return unknown(`${id.libc} has no symbol ${absent}, which ${design.id} is about`);
  const enter = design.symbols.enter === null ? null : (addressOf(design.symbols.enter) ?? null);
  const act = design.symbols.act.flatMap((name) => addressOf(name) ?? []);
  const { overlay, symbols } = built;
  return {
    ok: true,
    subject: {
      libc: id.libc,
      design,
      vdso,
      scenario,
      handler: id.handler ?? null,
      program: program.elf,
      overlay,
      overlaySymbols: symbols,
      enter,
      act,
    },
  };
}
