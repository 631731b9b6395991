import { readFileSync, statSync } from 'node:fs';
import { Cpu, I386_SEGMENTS } from '../cpu/index.js';
import { type ElfFile, parseElf } from '../elf/index.js';
import { allImages } from '../suite/catalog.js';
import { SETUP } from '../suite/folders.js';
import type { VdsoImage } from '../vdso/index.js';
import { InputError, UsageError } from './errors.js';

/** Files named on the command line: read, or refused with one line. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
};

export function readInputFile(path: string): Uint8Array {
  try {
    const status = statSync(path);
    if (status.isDirectory()) throw new InputError(`cannot read ${path}: it is a directory`);
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new InputError(`cannot read ${path}: ${reasons[code] ?? code}`);
  }
}

/** By its permissions; a file that has been read is there. */
export function isExecutable(path: string): boolean {
  return (statSync(path).mode & 0o111) !== 0;
}

export function readProgram(path: string): ElfFile {
  const parsed = parseElf(readInputFile(path), path);
  if (!parsed.ok) throw new InputError(parsed.error.message);
  return parsed.elf;
}

/** The image with this id; without one this machine's, or else the first there is. */
export function chooseVdso(id: string | undefined): VdsoImage {
  const listed = allImages();
  const usable = listed.flatMap((entry) => (entry.ok ? [entry.image] : []));
  if (usable.length === 0) {
    throw new InputError(`there are no vDSO images: get them with "${SETUP}"`);
  }
  const wanted = id ?? (usable.some((image) => image.id === 'host') ? 'host' : usable[0]?.id);
  const entry = listed.find((candidate) => candidate.id === wanted);
  if (entry === undefined) {
    const ids = usable.map((image) => image.id).join(', ');
    throw new UsageError(`there is no vDSO image ${wanted}; there are ${ids}`);
  }
  if (!entry.ok) throw new InputError(entry.error.message);
  return entry.image;
}

/** Opens the CPU emulator once here, where a missing library is one clear error; out of a worker it comes as a stack. */
export function requireEngine(): void {
  Cpu.create(I386_SEGMENTS).close();
}
