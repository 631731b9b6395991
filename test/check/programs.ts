// The example programs as a stranger would build them: static, with symbols, without anything of sigsweep's in them.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CACHE } from '../../src/suite/folders.js';

const LIBC = join(CACHE, 'libc', 'musl-1.2.3');
const lib = (name: string) => join(LIBC, 'lib', name);
const HEADERS = [join(LIBC, 'include'), join(CACHE, 'libc', 'linux-headers', 'include')];
const CODE = ['-m32', '-march=i686', '-O2', '-fno-pie', '-fno-stack-protector', '-fcf-protection=none'];

/** Compiles a C file (its path) and links it with musl, `first` in front of it and `objects` behind. */
export function buildProgram(
  source: string,
  output: string,
  {
    flags = [],
    objects = [],
    first = [],
  }: {
    readonly flags?: readonly string[];
    readonly objects?: readonly string[];
    readonly first?: readonly string[];
  } = {},
): void {
  const object = `${output}.o`;
  const folders = HEADERS.flatMap((folder) => ['-isystem', folder]);
  const compiled = [...CODE, '-Wall', '-Wextra', '-Werror', '-nostdinc', ...folders, ...flags];
  execFileSync('gcc', [...compiled, '-c', source, '-o', object]);
  const start = ['crt1.o', 'crti.o'].map(lib);
  const libraries = [lib('libc.a'), join(CACHE, 'libc', 'libgcc-12', 'lib', 'libgcc.a'), lib('crtn.o')];
  const form = ['-m', 'elf_i386', '-static', '-z', 'noexecstack', '-o', output];
  execFileSync('ld', [...form, ...start, ...first, object, ...objects, ...libraries]);
}
