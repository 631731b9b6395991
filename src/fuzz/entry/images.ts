// Every form of __kernel_vsyscall there is, the rebuilt ones of old kernels included.
import { allImages } from '../../suite/catalog.js';
import type { VdsoImage } from '../../vdso/index.js';

/** In order of ids; the int $0x80 forms first, since they are the simplest. */
export function fuzzImages(): VdsoImage[] {
  const all = allImages().flatMap((listed) => (listed.ok ? [listed.image] : []));
  return [...all.filter(({ cpu }) => cpu === 'int80'), ...all.filter(({ cpu }) => cpu !== 'int80')];
}

/** In a call through the form of 2003 the kernel of its time left EBP as the entry had made it: the second argument. */
export function keepsEbp({ form }: VdsoImage): boolean {
  return form === 'syscall-amd-2003';
}
