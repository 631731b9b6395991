// The flags with which a source tree assembles its files, as far as they matter to a file that stands alone.
// SOURCE: musl's configure writes config.mak, with which its Makefile builds; glibc and the kernel keep theirs elsewhere.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of headers that musl's Makefile names for i386. */
const MUSL_INCLUDES = [
  'arch/i386',
  'arch/generic',
  'obj/src/internal',
  'src/include',
  'src/internal',
  'obj/include',
  'include',
];
const VARIABLE = /^\s*(?:CFLAGS|CFLAGS_AUTO|CPPFLAGS|ASFLAGS)\s*[:+]?=\s*(.*)$/gm;

export function treeFlags(tree: string): string[] {
  const config = join(tree, 'config.mak');
  const words = existsSync(config)
    ? [...readFileSync(config, 'utf8').matchAll(VARIABLE)].flatMap(([, value = '']) =>
        value.trim().split(/\s+/),
      )
    : [];
  const kept = words.filter((word) => /^-(?:[DU].|Wa,.|I.)/.test(word));
  const folders = MUSL_INCLUDES.map((folder) => join(tree, folder)).filter((folder) => existsSync(folder));
  return [...kept, ...folders.map((folder) => `-I${folder}`)];
}
