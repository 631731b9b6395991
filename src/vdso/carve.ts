// The 32-bit vDSO images inside a kernel (/boot/vmlinuz), as set-up carves them: one piece of code for both.
// The decompressors are the xz and zstd programs; Node 20 has neither.
import { CarveError, carve } from '../../scripts/carve.mjs';

export type CarveResult =
  | { readonly ok: true; readonly images: readonly Uint8Array[] }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } };

/** All different images in file order, unpatched. `name` is what the error calls the kernel. */
export function carveImages(kernel: Uint8Array, name: string): CarveResult {
  try {
    return { ok: true, images: carve(kernel).map((image) => image.bytes) };
  } catch (error) {
    if (error instanceof CarveError) {
      return { ok: false, error: { code: error.code, message: `${name}: ${error.message}` } };
    }
    throw error;
  }
}
