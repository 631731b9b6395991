// Programs and image for comparing the model with the running kernel; both are there after set-up, or tests are skipped.
import { existsSync, readFileSync } from 'node:fs';
import { type ElfFile, parseElf } from '../../src/elf/index.js';
import type { conformProgram, ProgramReport } from '../../src/native/conform.js';
import { listImages, type VdsoImage } from '../../src/vdso/index.js';

const CACHE = 'fixtures/cache';
const LIBC = 'musl-1.2.3';

export const PROGRAMS = [
  ...(['restart', 'sockets', 'locks', 'queues', 'children', 'clone', 'owner'] as const),
  ...(['frame', 'entry', 'edit', 'order', 'masks', 'stack', 'fault'] as const),
] as const;
export type ProgramName = (typeof PROGRAMS)[number];

export function programPath(name: string): string {
  return `${CACHE}/programs/${LIBC}/points/${name}`;
}

export function readProgram(name: ProgramName): ElfFile {
  const parsed = parseElf(new Uint8Array(readFileSync(programPath(name))), name);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.elf;
}

export function hostImage(): VdsoImage | undefined {
  const listed = listImages(`${CACHE}/vdso`).find(({ id }) => id === 'host');
  return listed?.ok ? listed.image : undefined;
}

/** Why nothing can be compared here, or null. */
export function whyNot(): string | null {
  if (hostImage() === undefined) return 'this machine’s vDSO is not here: node scripts/bootstrap.mjs';
  const missing = PROGRAMS.find((name) => !existsSync(programPath(name)));
  return missing === undefined ? null : `the program ${missing} is not built: node scripts/bootstrap.mjs`;
}

/** `run` is given so that a mutant's own copy of the module can be. */
export function conform(
  run: typeof conformProgram,
  name: ProgramName,
  stride: number,
  only = '',
): ProgramReport {
  const vdso = hostImage();
  if (vdso === undefined) throw new Error('no image');
  return run(readProgram(name), { path: programPath(name), vdso, stride, only });
}
