// The block format by hand: a token is literals << 4 | (match length - 4), then literals, then a 16-bit distance.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lz4Legacy } from '../../scripts/lib/lz4.mjs';

const frame = (...blocks: number[][]): Uint8Array =>
  Uint8Array.from([
    0x02,
    0x21,
    0x4c,
    0x18,
    ...blocks.flatMap((b) => [b.length & 255, b.length >> 8, 0, 0, ...b]),
  ]);

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const codes = (s: string) => [...Buffer.from(s, 'latin1')];

test('literals, and a match that overlaps what it writes', () => {
  // "ab", then 4 + 3 bytes from 2 back, then "!" alone.
  expect(text(lz4Legacy(frame([0x23, ...codes('ab'), 2, 0, 0x10, ...codes('!')])))).toBe('ababababa!');
});

test('lengths of 15 and more go on in the following bytes, 255 by 255', () => {
  const literals = 'x'.repeat(15 + 255 + 3);
  expect(text(lz4Legacy(frame([0xf0, 255, 3, ...codes(literals)])))).toBe(literals);
  expect(text(lz4Legacy(frame([0x1f, 0x79, 1, 0, 255, 1, 0x10, 0x7a])))).toBe(`${'y'.repeat(1 + 19 + 256)}z`);
});

test('several blocks follow each other; what comes after the last complete one is not read', () => {
  const two = frame([0x10, 0x61], [0x20, 0x62, 0x63]);
  expect(text(lz4Legacy(two))).toBe('abc');
  expect(text(lz4Legacy(Uint8Array.from([...two, 9, 0, 0, 0])))).toBe('abc');
});

test.each([
  ['a match before the start', [0x10, 0x61, 2, 0, 0x00]],
  ['a distance of 0', [0x10, 0x61, 0, 0, 0x00]],
  ['literals that are not there', [0xf0, 200, 1]],
])('%s is an error', (_what, block) => {
  expect(() => lz4Legacy(frame(block))).toThrow(RangeError);
});

test('random bytes end in output or in a RangeError, never otherwise', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(255), { minLength: 1, maxLength: 60 }), (block) => {
      try {
        expect(lz4Legacy(frame(block)).length).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { seed: 3, numRuns: 100 },
  );
});
