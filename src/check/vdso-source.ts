// A vDSO image from assembly of the user's that defines __kernel_vsyscall: with the signal return stubs every image has.

import { OVERLAYS } from '../suite/folders.js';
import { buildImage, type Flavour, type VdsoResult } from '../vdso/index.js';
import { type AssemblyInput, assemble } from './assembly.js';

/** The flavour follows from the entry: only 64-bit kernels use syscall. */
export function imageFromAssembly(input: AssemblyInput): VdsoResult {
  const built = assemble(input);
  if (!built.ok) return { ok: false, error: { code: 'unreadable', message: built.reason } };
  const { given, defined } = built.assembled;
  const [source] = given.sources;
  const stubs = defined.includes('__kernel_sigreturn') ? '' : '\n\t.include "sigreturn.inc"\n';
  const image = (flavour: Flavour): VdsoResult =>
    buildImage({
      ...{ id: input.name, flavour, cacheDir: OVERLAYS, asFlags: given.asFlags },
      source: { name: input.name, text: `${source?.text ?? ''}${stubs}` },
    });
  const first = image('i386');
  return first.ok && first.image.cpu === 'syscall' ? image('amd64') : first;
}
