// Damage to a file: cut, overwritten where it hurts, or with parts of itself elsewhere.
import type { Draws } from '../core/draws.js';

/** A part of the file that something is read from: headers, tables, sections. */
export interface Part {
  readonly from: number;
  readonly length: number;
}

const WORDS = [0, 1, 0xffffffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0x1000, 0xffff];

function place(draws: Draws, length: number, parts: readonly Part[]): number {
  const part = parts.length === 0 || draws.oneIn(4) ? { from: 0, length } : draws.pick(parts);
  return Math.min(length - 1, part.from + draws.below(Math.max(1, part.length)));
}

function damageOnce(draws: Draws, bytes: Uint8Array, parts: readonly Part[]): Uint8Array {
  if (bytes.length === 0) return bytes;
  const kind = draws.below(6);
  const at = place(draws, bytes.length, parts);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (kind) {
    case 0:
      bytes[at] = draws.below(256);
      return bytes;
    case 1:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << draws.below(8));
      return bytes;
    case 2: {
      const aligned = at & ~3;
      if (aligned + 4 <= bytes.length) view.setUint32(aligned, draws.pick(WORDS), true);
      return bytes;
    }
    case 3: {
      const aligned = at & ~3;
      if (aligned + 4 <= bytes.length)
        view.setUint32(aligned, (view.getUint32(aligned, true) + draws.below(65) - 32) >>> 0, true);
      return bytes;
    }
    case 4:
      bytes.copyWithin(at, draws.below(bytes.length), Math.min(bytes.length, at + 64));
      return bytes;
    default:
      return bytes.slice(0, at);
  }
}

const DAMAGES_MAX = 6;

/** A damaged copy; at least one thing is wrong with it, unless chance wrote what was there. */
export function damage(draws: Draws, original: Uint8Array, parts: readonly Part[]): Uint8Array {
  let bytes = draws.group(() => damageOnce(draws, original.slice(), parts));
  draws.list(DAMAGES_MAX - 1, () => {
    bytes = damageOnce(draws, bytes, parts);
  });
  return bytes;
}
