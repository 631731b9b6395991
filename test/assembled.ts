// Tiny static i386 executables made with GNU as and ld, for the model and for the running kernel.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type ElfFile, parseElf } from '../src/elf/index.js';

let folder: string | undefined;
let count = 0;

/** A folder for this test file's files; it is removed at the end. */
export function scratchFolder(): string {
  if (folder !== undefined) return folder;
  const made = mkdtempSync(join(tmpdir(), 'sigsweep-test-'));
  folder = made;
  return made;
}

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** Path of an executable whose `_start` is in the AT&T source. */
export function assemble(source: string, ...linkerOptions: string[]): string {
  const base = join(scratchFolder(), `program${count++}`);
  writeFileSync(`${base}.S`, source);
  execFileSync('as', ['--32', '-o', `${base}.o`, `${base}.S`]);
  execFileSync('ld', ['-m', 'elf_i386', '-z', 'noexecstack', ...linkerOptions, '-o', base, `${base}.o`]);
  return base;
}

export function readElf(path: string): ElfFile {
  const parsed = parseElf(new Uint8Array(readFileSync(path)), path);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.elf;
}
