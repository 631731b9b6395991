import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { carveImages, loadVdso } from '../../src/vdso/index.js';
import { rebuilt } from './helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-carve-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A kernel file with nothing in it but the boot header's fields that matter and a gzip payload. */
function kernelWith(content: Uint8Array): Uint8Array {
  const payload = gzipSync(content);
  const start = 2 * 512;
  const kernel = new Uint8Array(start + payload.length);
  const view = new DataView(kernel.buffer);
  kernel[0x1f1] = 1;
  view.setUint32(0x202, 0x53726448, true);
  view.setUint16(0x206, 0x20f, true);
  view.setUint32(0x24c, payload.length, true);
  kernel.set(payload, start);
  return kernel;
}

describe('carveImages', () => {
  it('finds each image once, whole, in a kernel', () => {
    const images = ['unified-4.4/int80', 'sysenter-2002'].map((form) => rebuilt(form, folder));
    const parts = images.flatMap(({ bytes }) => [new Uint8Array(100).fill(0x7f), bytes]);
    const carved = carveImages(kernelWith(Buffer.concat([...parts, ...parts])), 'vmlinuz');
    if (!carved.ok) throw new Error(carved.error.message);
    const forms = carved.images.map((bytes) => {
      const loaded = loadVdso(bytes, { id: 'carved' });
      return loaded.ok ? loaded.image.form : loaded.error.message;
    });
    expect(forms).toEqual(['unified-4.4/int80', 'sysenter-2002']);
  });

  it('says what is wrong with a file that is no kernel, or holds no image', () => {
    const message = (bytes: Uint8Array): string => {
      const carved = carveImages(bytes, 'vmlinuz');
      return carved.ok ? 'carved' : `${carved.error.code}: ${carved.error.message}`;
    };
    expect(message(new Uint8Array(2000))).toMatch(/^not-bzimage: vmlinuz: /);
    expect(message(kernelWith(new Uint8Array(2000)))).toMatch(/^no-vdso: vmlinuz: /);
  });
});
