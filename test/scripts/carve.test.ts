// Carving on a kernel image made here: a boot header, a payload compressed by the real programs, images inside.
import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CarveError, carve, decompress, embeddedImages, payloadOf } from '../../scripts/carve.mjs';

/** A small ELF32 shared object: header, .dynsym (null + one symbol), .dynstr, section headers. */
const image = (symbol: string, { machine = 3, type = 3 } = {}): Uint8Array => {
  const strings = Buffer.from(`\0${symbol}\0`);
  const [symAt, strAt] = [52, 52 + 32];
  const headersAt = (strAt + strings.length + 3) & ~3;
  const bytes = new Uint8Array(headersAt + 3 * 40);
  const v = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  v.setUint16(16, type, true);
  v.setUint16(18, machine, true);
  v.setUint32(32, headersAt, true);
  v.setUint16(46, 40, true);
  v.setUint16(48, 3, true);
  v.setUint32(symAt + 16, 1, true);
  bytes.set(strings, strAt);
  const section = (i: number, kind: number, offset: number, size: number, link: number) => {
    for (const [field, value] of [
      [4, kind],
      [16, offset],
      [20, size],
      [24, link],
    ] as const) {
      v.setUint32(headersAt + i * 40 + field, value, true);
    }
  };
  section(1, 11, symAt, 32, 2);
  section(2, 3, strAt, strings.length, 0);
  return bytes;
};

const vsyscall = image('__kernel_vsyscall');

const kernelOf = (payload: Uint8Array): Uint8Array => {
  const start = 3 * 512 + 0x100;
  const bytes = new Uint8Array(start + payload.length + 16);
  const v = new DataView(bytes.buffer);
  bytes[0x1f1] = 2;
  v.setUint32(0x202, 0x53726448, true);
  v.setUint16(0x206, 0x20f, true);
  v.setUint32(0x248, 0x100, true);
  v.setUint32(0x24c, payload.length, true);
  bytes.set(payload, start);
  return bytes;
};

const compressed = (command: string, args: string[], data: Uint8Array) => {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  return Buffer.concat([spawnSync(command, args, { input: data }).stdout, size]);
};

const padded = (...parts: Uint8Array[]) =>
  Buffer.concat([Buffer.alloc(333, 0x90), ...parts, Buffer.alloc(99)]);

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof CarveError) return error.code;
    throw error;
  }
  return 'no error';
};

test.each([
  ['xz', (d: Uint8Array) => compressed('xz', ['-c', '--check=crc32'], d)],
  ['zstd', (d: Uint8Array) => compressed('zstd', ['-cq'], d)],
  ['gzip', (d: Uint8Array) => gzipSync(d)],
])('an image inside a payload compressed by %s comes out byte for byte', (_name, compress) => {
  const [found, ...rest] = carve(kernelOf(compress(padded(vsyscall))));
  expect(rest).toEqual([]);
  expect(found?.offset).toBe(333);
  expect(Buffer.from(found?.bytes ?? []).equals(vsyscall)).toBe(true);
});

test('other shared objects, other machines and executables are not taken; copies are taken once', () => {
  const other = [
    image('malloc'),
    image('__kernel_vsyscall', { machine: 62 }),
    image('__kernel_vsyscall', { type: 2 }),
  ];
  expect(embeddedImages(padded(...other))).toEqual([]);
  expect(embeddedImages(padded(...other, vsyscall, vsyscall))).toHaveLength(1);
});

test('each thing that can be wrong with a kernel has its own code', () => {
  const good = kernelOf(gzipSync(padded(vsyscall)));
  expect(codeOf(() => payloadOf(new Uint8Array(10)))).toBe('not-bzimage');
  expect(codeOf(() => payloadOf(good.slice(0, -40)))).toBe('truncated-kernel');
  const old = good.slice();
  old[0x206] = 7;
  expect(codeOf(() => payloadOf(old.fill(2, 0x207, 0x208)))).toBe('old-protocol');
  expect(codeOf(() => decompress(Buffer.from('what is this?')))).toBe('unknown-compression');
  expect(codeOf(() => decompress(gzipSync(padded(vsyscall)).subarray(0, 40)))).toBe('bad-payload');
  expect(codeOf(() => carve(kernelOf(gzipSync(padded(image('malloc'))))))).toBe('no-vdso');
});

test('damaged bytes never crash the search', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(vsyscall.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(200),
      (edits, cut) => {
        const bytes = Uint8Array.from(vsyscall);
        for (const [at, value] of edits) bytes[at] = value;
        for (const found of embeddedImages(bytes.subarray(0, bytes.length - cut)))
          expect(found.offset).toBe(0);
      },
    ),
    { seed: 11, numRuns: 500 },
  );
});
