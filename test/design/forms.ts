// Every vDSO image that a design has to do with: set-up's, with their CPU variants, and the forms rebuilt from asm/vdso.
import { allImages } from '../../src/suite/catalog.js';
import { RECONSTRUCTIONS, type VdsoImage } from '../../src/vdso/index.js';
import { scratchFolder } from '../assembled.js';
import { rebuilt } from '../vdso/helpers.js';

export function everyImage(): VdsoImage[] {
  const real = allImages().flatMap((listed) => (listed.ok ? [listed.image] : []));
  return [...RECONSTRUCTIONS.map(({ form }) => rebuilt(form, scratchFolder())), ...real];
}
