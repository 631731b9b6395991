// The historical forms, built from asm/vdso by GNU as and ld into small images that load like real ones.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AsmSource, buildAssembly } from '../asm/gnu-as.js';
import { loadVdso } from './load.js';
import { CPU_KINDS, type CpuKind, type Flavour, type VdsoResult } from './types.js';

export interface Reconstruction {
  /** The form's id, see forms.ts. */
  readonly form: string;
  /** File in asm/vdso. */
  readonly source: string;
  readonly cpu: CpuKind;
  /** The kernels that shipped it. */
  readonly flavours: readonly Flavour[];
}

export const RECONSTRUCTIONS: readonly Reconstruction[] = [
  { form: 'int80-2002', source: 'int80-2002.S', cpu: 'int80', flavours: ['i386', 'amd64'] },
  { form: 'sysenter-2002', source: 'sysenter-2002.S', cpu: 'sysenter', flavours: ['i386', 'amd64'] },
  { form: 'syscall-amd-2003', source: 'syscall-amd-2003.S', cpu: 'syscall', flavours: ['amd64'] },
  ...['unified-4.4', 'unified-7.0'].flatMap((name) =>
    CPU_KINDS.map((cpu): Reconstruction => {
      const flavours: readonly Flavour[] = cpu === 'syscall' ? ['amd64'] : ['i386', 'amd64'];
      return { form: `${name}/${cpu}`, source: `${name}.S`, cpu, flavours };
    }),
  ),
];

const SOURCES = fileURLToPath(new URL('../../asm/vdso', import.meta.url));
const LD_FLAGS = [
  '-shared',
  '--strip-all',
  '-soname',
  'linux-gate.so.1',
  '-Bsymbolic',
  '--hash-style=both',
  '--eh-frame-hdr',
];

export interface ImageRequest {
  readonly source: AsmSource;
  readonly asFlags: readonly string[];
  /** What the image is called. */
  readonly id: string;
  readonly flavour: Flavour;
  readonly cacheDir: string;
}

/** Links assembly into an image that loads like a real one; the files of asm/vdso can be included. */
export function buildImage({ source, asFlags, id, flavour, cacheDir }: ImageRequest): VdsoResult {
  const built = buildAssembly({
    sources: [source],
    cacheDir,
    asFlags,
    includeDirs: [SOURCES],
    ldFlags: [...LD_FLAGS, '-z', 'noexecstack', '--no-warn-rwx-segments'],
    linkerScript: { name: 'asm/vdso/vdso.ld', text: textOf('vdso.ld') },
  });
  if (!built.ok) return { ok: false, error: { code: 'unreadable', message: built.error.message } };
  return loadVdso(built.bytes, { id, flavour });
}

function textOf(name: string): string {
  return readFileSync(join(SOURCES, name), 'utf8');
}

/** Builds one form into `cacheDir` (or finds it there) and loads it as 'rebuilt/<form>'. */
export function buildReconstruction(what: Reconstruction, flavour: Flavour, cacheDir: string): VdsoResult {
  return buildImage({
    source: { name: `asm/vdso/${what.source}`, text: textOf(what.source) },
    asFlags: ['--defsym', `CPU=${CPU_KINDS.indexOf(what.cpu)}`],
    id: `rebuilt/${what.form}`,
    flavour,
    cacheDir,
  });
}
