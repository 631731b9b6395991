// ELF files to read: two made here by as and ld, and whatever real ones set-up has fetched and built.
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';

const SOURCE = `
	.section .note.test, "a", @note
	.long 5, 3, 42
	.asciz "test"
	.balign 4
	.byte 1, 2, 3
	.balign 4
	.text
	.globl _start, whole, alias, long_alias
	.weak alias
	.type whole, @function
	.type alias, @function
	.type long_alias, @function
	.hidden hidden_one
	.globl hidden_one
_start:
	call whole
	movl $data, %eax
unsized_local:
	nop
	nop
whole:
alias:
long_alias:
	push %ebp
inner:
	pop %ebp
	ret
	.size whole, . - whole
	.size alias, . - alias
	.size long_alias, . - long_alias
hidden_one:
	ret
	.fill 8, 1, 0x90
	.data
data:	.long whole, thread@ntpoff
	.section .tdata, "awT", @progbits
thread:	.long 7
	.bss
	.comm common_one, 16, 4
	.section .note.GNU-stack, "", @progbits
`;

export interface Samples {
  readonly folder: string;
  readonly object: string;
  readonly executable: string;
  readonly shared: string;
}

/** Makes an object, an executable that keeps its relocations, and a shared object; the caller removes the folder. */
export function makeSamples(): Samples {
  const folder = mkdtempSync(join(tmpdir(), 'sigsweep-elf-'));
  const file = (name: string): string => join(folder, name);
  const [object, executable, shared] = [file('a.o'), file('a.out'), file('a.so')];
  const ld = (...flags: string[]): void => {
    execaSync('ld', ['-m', 'elf_i386', ...flags, object]);
  };
  execaSync('as', ['--32', '-o', object, '-'], { input: SOURCE });
  ld('--emit-relocs', '-o', executable);
  const library = 'lib:\n.globl lib\n.type lib, @function\ncall elsewhere@PLT\n.size lib, .-lib\n';
  execaSync('as', ['--32', '-o', file('lib.o'), '-'], { input: library });
  execaSync('ld', ['-m', 'elf_i386', '-shared', '-soname', 'lib', '-o', shared, file('lib.o')]);
  writeFileSync(file('empty'), '');
  return { folder, object, executable, shared };
}

function filesUnder(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() && !/\.(json|tmp)$/.test(entry.name) && !entry.parentPath.includes('.stamps'),
      )
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch {
    return [];
  }
}

/** Real files in the fixture cache: vDSO images and the compatibility programs. Empty before set-up has run. */
export function realFiles(): string[] {
  const programs = filesUnder('fixtures/cache/programs').filter((path) => path.includes('/compat/'));
  return [...filesUnder('fixtures/cache/vdso'), ...programs];
}
