// The 32-bit vDSO images inside a kernel (/boot/vmlinuz, or a vmlinux as built), as set-up carves them: one piece of code for both.
// The decompressors are the xz and zstd programs; Node 20 has neither.

import { CarveError, carve, embeddedImages } from '../../scripts/carve.mjs';
import { parseElf } from '../elf/index.js';

export type CarveResult =
  | { readonly ok: true; readonly images: readonly Uint8Array[] }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } };

/** All different images in file order, unpatched. `name` is what the error calls the kernel. */
export function carveImages(kernel: Uint8Array, name: string): CarveResult {
  try {
    const found = isElf(kernel) ? fromVmlinux(kernel) : carve(kernel);
    return { ok: true, images: found.map((image) => image.bytes) };
  } catch (error) {
    if (error instanceof CarveError) {
      return { ok: false, error: { code: error.code, message: `${name}: ${error.message}` } };
    }
    throw error;
  }
}

function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** A vmlinux is what a bzImage unpacks to: nothing to decompress. */
function fromVmlinux(kernel: Uint8Array): ReturnType<typeof embeddedImages> {
  const found = embeddedImages(kernel);
  if (found.length === 0) throw new CarveError('no-vdso', 'this ELF file holds no 32-bit vDSO');
  return found;
}

/** The images of a file: a vDSO as built, or every different one inside a kernel. */
export function imagesInFile(bytes: Uint8Array, name: string): CarveResult {
  if (bytes.length === 0) return { ok: false, error: { code: 'empty', message: `${name}: empty file` } };
  if (isElf(bytes)) {
    const parsed = parseElf(bytes, name);
    if (parsed.ok && parsed.elf.type === 'DYN') return { ok: true, images: [bytes] };
    const ELFCLASS32 = 1;
    // A 64-bit ELF may be a vmlinux; a 32-bit one that is no shared object may be a 32-bit kernel's.
    if (!parsed.ok && bytes[4] === ELFCLASS32)
      return { ok: false, error: { code: 'bad-elf', message: parsed.error.message } };
  }
  return carveImages(bytes, name);
}
