/**
 * A fast hash of the state, for "same state, same future": registers, flags, segments with their bases, x87
 * and SSE, TLS descriptors, memory and its layout. Not cryptographic. Equal states of one Cpu have equal hashes
 * however they were reached; hashes of different Cpus can be compared when both were loaded alike.
 *
 * Memory counts by its difference from the pristine content: the sum over touched, mapped pages of
 * hash(page, content) - hash(page, pristine). A page's hash is kept and reused while its content is the same
 * (comparing 4 KiB is some ten times faster than hashing them).
 */
import { type Engine, GENERAL_INDEX } from './engine.js';
import type { Fpu } from './fpu.js';
import type { Memory, TouchedPage } from './memory.js';
import { PAGE_SHIFT, PAGE_SIZE } from './protection.js';
import { segmentBases } from './segment-bases.js';
import type { MemorySnapshot } from './snapshot.js';
import type { SpaceImages } from './spaces.js';

/** Two independent 32-bit lanes, u32 each. */
export type StateHash = readonly [number, number];

interface PageHash {
  readonly last: Uint8Array;
  hash: StateHash;
  readonly pristine: StateHash;
}

/** FXSAVE: header, eight x87 and eight XMM registers; the rest is reserved. */
const FX_BYTES = 32 + 16 * 16;

export class Digest {
  private readonly known: PageHash[] = [];
  private layout: { readonly generation: number; readonly hash: StateHash } | undefined;
  private readonly buffer = new Uint32Array(64);
  /** Images are never written into. */
  private readonly images = new WeakMap<MemorySnapshot, StateHash>();

  constructor(
    private readonly engine: Engine,
    private readonly memory: Memory,
    private readonly fpu: Fpu,
  ) {}

  /** `loaded` and `others`: the address spaces. */
  take(timestamp: number, tls: Uint32Array, loaded: number, others: SpaceImages): StateHash {
    let [a, b] = this.registers(timestamp, tls);
    const { touched, pages } = this.memory;
    for (let i = 0; i < touched.length; i++) {
      const target = touched[i];
      if (target === undefined || (pages.guest[target.page] ?? 0) === 0) continue;
      const { hash, pristine } = this.page(i, target);
      a = (a + hash[0] - pristine[0]) | 0;
      b = (b + hash[1] - pristine[1]) | 0;
    }
    const layout = this.layoutHash();
    for (const [id, image] of others) {
      const space = hashWords(Uint32Array.of(loaded, id, ...this.image(image)), 5);
      a = (a + space[0]) | 0;
      b = (b + space[1]) | 0;
    }
    return [(a + layout[0]) >>> 0, (b + layout[1]) >>> 0];
  }

  /** What an address space that is not loaded holds: its layout, and its pages' difference from the pristine content. */
  private image(image: MemorySnapshot): StateHash {
    const known = this.images.get(image);
    if (known !== undefined) return known;
    let [a, b]: StateHash = [0, 0];
    for (const [i, entries] of image.layout.entries.entries()) {
      const hash = hashWords(Uint32Array.from(entries), i + 1);
      [a, b] = [(a + hash[0]) | 0, (b + hash[1]) | 0];
    }
    for (const [i, content] of image.contents.entries()) {
      const target = this.memory.touched[i];
      if (target === undefined || Buffer.compare(content, target.pristine) === 0) continue;
      const hash = hashWords(wordsOf(content), target.page);
      const pristine = hashWords(wordsOf(target.pristine), target.page);
      [a, b] = [(a + hash[0] - pristine[0]) | 0, (b + hash[1] - pristine[1]) | 0];
    }
    const hash: StateHash = [a, b];
    this.images.set(image, hash);
    return hash;
  }

  private registers(timestamp: number, tls: Uint32Array): StateHash {
    const { engine, buffer } = this;
    const { state } = engine;
    let n = 0;
    for (const index of Object.values(GENERAL_INDEX)) buffer[n++] = state[index] ?? 0;
    buffer[n++] = state[engine.eip] ?? 0;
    buffer[n++] = engine.readEflags();
    buffer[n++] = timestamp % 2 ** 32;
    buffer[n++] = Math.floor(timestamp / 2 ** 32);
    for (const word of segmentBases(engine)) buffer[n++] = word;
    const head = hashWords(buffer.subarray(0, n), 1);
    const fpu = hashWords(wordsOf(this.fpu.save().subarray(0, FX_BYTES)), 2);
    const descriptors = hashWords(tls, 3);
    return [(head[0] + fpu[0] + descriptors[0]) | 0, (head[1] + fpu[1] + descriptors[1]) | 0];
  }

  private page(index: number, { page, bytes, pristine }: TouchedPage): PageHash {
    const known = this.known[index];
    if (known === undefined) {
      const fresh: PageHash = {
        last: bytes.slice(),
        hash: hashWords(wordsOf(bytes), page),
        pristine: hashWords(wordsOf(pristine), page),
      };
      this.known[index] = fresh;
      return fresh;
    }
    if (Buffer.compare(known.last, bytes) !== 0) {
      known.last.set(bytes);
      known.hash = hashWords(wordsOf(bytes), page);
    }
    return known;
  }

  /** Over the runs of equally protected pages, in ascending order. */
  private layoutHash(): StateHash {
    const { generation, pages } = this.memory;
    if (this.layout?.generation === generation) return this.layout.hash;
    const runs: number[] = [];
    const regions = [...pages.regions].sort((x, y) => x.start - y.start);
    for (const region of regions) {
      const first = region.start >>> PAGE_SHIFT;
      for (let page = first; page < first + region.length / PAGE_SIZE; page++) {
        const entry = pages.guest[page] ?? 0;
        if (entry === 0) continue;
        const begins = runs.at(-2) !== entry || runs.at(-1) !== page;
        if (begins) runs.push(page, entry, page + 1);
        else runs[runs.length - 1] = page + 1;
      }
    }
    this.layout = { generation, hash: hashWords(Uint32Array.from(runs), 4) };
    return this.layout.hash;
  }
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
}

/** Two multiplicative lanes with rotation; the final mixing spreads the last words. */
function hashWords(words: Uint32Array, seed: number): StateHash {
  let a = Math.imul(seed, 0x9e3779b1) ^ words.length;
  let b = Math.imul(seed ^ 0x5bd1e995, 0x85ebca77);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? 0;
    a = Math.imul(a ^ word, 0xcc9e2d51);
    a = (a << 15) | (a >>> 17);
    b = Math.imul(b + word, 0x1b873593);
    b = ((b << 13) | (b >>> 19)) ^ i;
  }
  return [mix(a), mix(b)];
}

function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) | 0;
}
