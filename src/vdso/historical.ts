// The images of kernels before 4.4, which no archive carries any more: the rebuilt forms, once for each kind of kernel.
import type { ListedImage } from './images.js';
import { buildReconstruction, RECONSTRUCTIONS } from './reconstruct.js';

/** Forms that come out of kernel packages need no stand-in. */
const FROM_PACKAGES = /^unified-/;

const PREFIX = 'rebuilt-';

/** Whether an image was rebuilt from asm/vdso, and did not come out of a kernel. */
export function isRebuilt(id: string): boolean {
  return id.startsWith(PREFIX);
}

/** As listImages: 'rebuilt-i386/sysenter-2002' and so on, built into `cacheDir` or found there. */
export function listHistorical(cacheDir: string): ListedImage[] {
  return RECONSTRUCTIONS.filter(({ form }) => !FROM_PACKAGES.test(form)).flatMap((what) =>
    what.flavours.map((flavour): ListedImage => {
      const id = `${PREFIX}${flavour}/${what.form}`;
      const built = buildReconstruction(what, flavour, cacheDir);
      return built.ok ? { ok: true, id, image: { ...built.image, id } } : { ...built, id };
    }),
  );
}
