// The forms of a file's vDSO images: a vdso32.so as built, or every image inside a kernel (bzImage or vmlinux).
import { basename } from 'node:path';
import { pad, type Style } from '../../report/style.js';
import {
  cpuKindsOf,
  imagesInFile,
  loadVariant,
  loadVdso,
  readAlternatives,
  type VdsoImage,
} from '../../vdso/index.js';
import { InputError } from '../errors.js';
import { readInputFile } from '../input.js';

export interface NamedVariant {
  /** The CPU the image was patched for here; null for the bytes as they are in the file. */
  readonly patchedFor: string | null;
  readonly form: string;
  readonly landingPad: number;
  readonly restart: number;
}

export interface NamedImage {
  /** Size of the image in bytes. */
  readonly size: number;
  readonly flavour: string;
  readonly variants: readonly NamedVariant[];
}

export function nameFile(path: string): NamedImage[] {
  const bytes = readInputFile(path);
  const found = imagesInFile(bytes, path);
  if (!found.ok) throw new InputError(found.error.message);
  return found.images.map((image) => nameImage(image, path));
}

function variantOf(image: VdsoImage, patchedFor: string | null): NamedVariant {
  const { form, vsyscall, landingPad, restart } = image;
  return { patchedFor, form, landingPad: landingPad - vsyscall, restart: restart - vsyscall };
}

function nameImage(bytes: Uint8Array, path: string): NamedImage {
  const id = basename(path);
  const loaded = loadVdso(bytes, { id });
  if (!loaded.ok) throw new InputError(loaded.error.message);
  const { image } = loaded;
  const { flavour } = image;
  const alternatives = readAlternatives(image.elf);
  if (!alternatives.ok) throw new InputError(alternatives.error.message);
  const patched = alternatives.alternatives.length === 0 ? [] : cpuKindsOf(flavour);
  const variants = patched.flatMap((cpu) => {
    const variant = loadVariant(bytes, id, flavour, cpu);
    return variant.ok ? [variantOf(variant.image, cpu)] : [];
  });
  return { size: bytes.length, flavour, variants: [variantOf(image, null), ...variants] };
}

export function isKnown(images: readonly NamedImage[]): boolean {
  return images.every(({ variants }) => variants.every(({ form }) => !form.startsWith('unknown-')));
}

export function namesText(path: string, images: readonly NamedImage[], style: Style): string {
  const sheets = images.flatMap(({ size, flavour, variants }) => [
    style.bold(`${path}: ${size} bytes, ${flavour} kernel`),
    ...variants.map(({ patchedFor, form, landingPad, restart }) => {
      const state = patchedFor === null ? 'as in the file' : `patched for ${patchedFor}`;
      const text = `  ${pad(state, 22)}${pad(form, 24)}R +0x${landingPad.toString(16)}, S +0x${restart.toString(16)}`;
      return form.startsWith('unknown-') ? style.doubt(`${text}  (a form sigsweep does not know)`) : text;
    }),
  ]);
  return `${sheets.join('\n')}\n`;
}
