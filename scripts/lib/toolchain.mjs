// How a program under test is compiled and linked: the host's gcc for the program's own object only, and the object code of a
// given libc as Debian ships it. Sources: gcc(1), ld(1); start files as in musl's and glibc's own link lines.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { libcDir, root, sourcesDir } from './paths.mjs';

// i686 as the libcs are built for, no SSE: the same instructions whatever the host's gcc defaults to.
/** @param {boolean} pie @returns {string[]} */
export const compilerFlags = (pie) => [
  ...['-m32', '-march=i686', '-mtune=generic', '-std=gnu11', '-O2', '-g', '-Wall', '-Wextra', '-nostdinc'],
  ...['-fno-stack-protector', '-fcf-protection=none', '-fno-lto', pie ? '-fPIE' : '-fno-pie'],
  // Names in the debug information are relative to the repository: the same bytes wherever it is checked out.
  ...[`-ffile-prefix-map=${root}=.`, `-ffile-prefix-map=${root}/=`],
];

/** @param {string} libc @param {string} gccInclude the compiler's own header folder */
export const includeFolders = (libc, gccInclude) => {
  const at = (...p) => join(libcDir, ...p);
  // The compiler's own headers: glibc relies on them; musl brings its own and only lacks things like <stdatomic.h>.
  const own = libc.startsWith('musl')
    ? [at(libc, 'include'), gccInclude]
    : [gccInclude, at(libc, 'include/triplet'), at(libc, 'include/common')];
  return ['-I', sourcesDir, ...[...own, at('linux-headers/include')].flatMap((d) => ['-isystem', d])];
};

/** The libgcc a libc is linked with: not newer than what it was made for. */
export const libgccFor = (libc) => (libc === 'glibc-2.31' ? 'libgcc-10' : 'libgcc-12');

/** ld's arguments for a libc of the table. */
export const linkArguments = (libc, object, output, pie) => {
  const lib = (name) => join(libcDir, libc, 'lib', name);
  const gcc = (name) => join(libcDir, libgccFor(libc), 'lib', name);
  return linkWith({ musl: libc.startsWith('musl'), lib, gcc }, object, output, pie);
};

/**
 * ld's arguments for any libc: `lib` and `gcc` give the paths of its files and of the compiler's. -q keeps the relocations,
 * so that an overlay can find every reference to what it replaces.
 */
export const linkWith = ({ musl, lib, gcc }, object, output, pie) => {
  const mode = pie ? ['-static', '-pie', '--no-dynamic-linker', '-z', 'text'] : ['-static'];
  const start = lib(pie ? 'rcrt1.o' : 'crt1.o');
  const form = ['-m', 'elf_i386', '-q', '--eh-frame-hdr', '--build-id=none', '-z', 'noexecstack'];
  const head = [...form, ...mode, '-o', output, start, lib('crti.o')];
  if (musl) return [...head, object, lib('libc.a'), gcc('libgcc.a'), lib('crtn.o')];
  const [begin, end] = pie ? ['crtbeginS.o', 'crtendS.o'] : ['crtbeginT.o', 'crtend.o'];
  const apart = ['librt.a', 'libpthread.a'].map(lib).filter((file) => existsSync(file));
  const group = [
    '--start-group',
    ...apart,
    lib('libc.a'),
    gcc('libgcc.a'),
    gcc('libgcc_eh.a'),
    '--end-group',
  ];
  return [...head, gcc(begin), object, ...group, gcc(end), lib('crtn.o')];
};
