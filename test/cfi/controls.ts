// The rebuilt mistakes of asm/vdso and their twins, assembled.
import { readFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { buildAssembly } from '../../src/asm/index.js';
import { checkFile, type FunctionVerdict } from '../../src/cfi/check/index.js';
import { type ElfFile, parseElf } from '../../src/elf/index.js';

export function control(name: string, wrong: boolean, cacheDir: string): { elf: ElfFile; path: string } {
  const file = `asm/vdso/cfi-${name}.S`;
  const built = buildAssembly({
    sources: [{ name: file, text: readFileSync(file, 'utf8') }],
    cacheDir,
    asFlags: ['--defsym', `WRONG=${wrong ? 1 : 0}`],
    includeDirs: ['asm/vdso'],
  });
  if (!built.ok) throw new Error(built.error.message);
  const parsed = parseElf(built.bytes, file);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return { elf: parsed.elf, path: built.path };
}

export function verdictsOf(elf: ElfFile): readonly FunctionVerdict[] {
  return checkFile(elf).functions;
}

/** The same, linked: its addresses are virtual ones. */
export function linked(object: string, output: string): ElfFile {
  execaSync('ld', ['-m', 'elf_i386', '-shared', '--eh-frame-hdr', '-o', output, object]);
  const parsed = parseElf(new Uint8Array(readFileSync(output)), output);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.elf;
}
