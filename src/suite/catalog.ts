import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDesign } from '../design/designs.js';
import { switchHint } from '../design/sticky.js';
import { fitsLibc } from '../design/types.js';
import { type ElfFile, parseElf } from '../elf/index.js';
import { findScenario } from '../explore/scenarios.js';
import { byVersion, type ListedImage, listHistorical, listImages } from '../vdso/index.js';
import { CACHE, SETUP } from './folders.js';
import { makeSubject, type SubjectResult } from './subject.js';
import type { CellId } from './types.js';

/** What set-up has put into fixtures/cache, and subjects made of it. */
export { CACHE, ROOT } from './folders.js';

let images: readonly ListedImage[] | undefined;

/** Every vDSO image with its CPU variants: from kernel packages, oldest first, this machine's, and the rebuilt ones. */
export function allImages(): readonly ListedImage[] {
  images ??= [...listImages(join(CACHE, 'vdso')), ...listHistorical(join(CACHE, 'overlays'))];
  return images;
}

/** Ids of the C libraries there are programs for. */
export function allLibcs(): string[] {
  const folder = join(CACHE, 'programs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort(byVersion);
}

const programs = new Map<string, ElfFile>();

type ProgramResult =
  | { readonly ok: true; readonly elf: ElfFile }
  | { readonly ok: false; readonly reason: string };

/** The program of a scenario for a C library, read once. */
export function scenarioProgram(libc: string, scenario: string): ProgramResult {
  const path = join(CACHE, 'programs', libc, 'cancel', scenario);
  const known = programs.get(path);
  if (known !== undefined) return { ok: true, elf: known };
  if (!existsSync(path)) return { ok: false, reason: `no program ${scenario} for ${libc}: run ${SETUP}` };
  const parsed = parseElf(new Uint8Array(readFileSync(path)), `${libc}/${scenario}`);
  if (!parsed.ok) return { ok: false, reason: parsed.error.message };
  programs.set(path, parsed.elf);
  return { ok: true, elf: parsed.elf };
}

function unknown(reason: string): SubjectResult {
  return { ok: false, missing: false, reason };
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
  return makeSubject({
    libc: id.libc,
    design,
    image: image.image,
    scenario,
    handler: id.handler ?? null,
    program: program.elf,
  });
}
