/**
 * The x87 and SSE state as FXSAVE images (Intel SDM vol. 1, 10.5.1), without running FXSAVE where it can be avoided: its
 * some sixty emulated stores cost ten microseconds, and every signal frame and every state hash needs one.
 *
 * The engine's own words that hold this state are found once by loading images that differ in every bit; while they equal
 * those of the last image, that image still is the answer, and putting them back is loading it.
 */
import type { Engine } from './engine.js';

const IMAGE_BYTES = 512;
/** Header, x87 and the eight XMM registers of 32-bit mode; the rest is reserved or left to software. */
const MEANINGFUL_BYTES = 288;
/** A range longer than this is not the FPU's alone: nothing is kept then. */
const RANGE_LIMIT_BYTES = 4096;
const MXCSR_AT = 24;
const MXCSR_MASK_AT = 28;
const PROBES = 16;

interface Range {
  /** Bytes from the start of the engine's state. */
  readonly start: number;
  readonly end: number;
}

/** The layout is the loaded library's: found once per thread, null when it cannot be told apart. */
let range: Range | null | undefined;

/** An image, and the engine's words that loading it leaves; null until they are known. */
interface Known {
  image: Uint8Array;
  words: Uint8Array | null;
}

export class Fpu {
  private readonly words: Uint8Array | null;
  /** Of the last save, and of a fresh FPU: what signal frames are made of. */
  private readonly saved: Known = { image: new Uint8Array(IMAGE_BYTES), words: null };
  private readonly fresh: Known = { image: freshImage(), words: null };

  constructor(private readonly engine: Engine) {
    if (range === undefined) range = findRange(engine);
    const { buffer, byteOffset } = engine.state;
    this.words =
      range === null ? null : new Uint8Array(buffer, byteOffset + range.start, range.end - range.start);
  }

  /** The state as 512 bytes that are never written again: the same object as long as the state is the same. */
  save(): Uint8Array {
    const { engine, words, saved } = this;
    if (words !== null && saved.words !== null && Buffer.compare(words, saved.words) === 0)
      return saved.image;
    engine.fxArea.fill(0);
    engine.callStub('fxsave', engine.fxAddress);
    saved.image = engine.fxArea.slice();
    this.learn(saved);
    return saved.image;
  }

  load(source: Uint8Array): void {
    const { words, saved } = this;
    if (words !== null && saved.words !== null && (source === saved.image || sameState(source, saved.image)))
      words.set(saved.words);
    else this.loadImage(source);
  }

  /** FCW 0x37f, empty stack, MXCSR 0x1f80, registers 0. */
  reset(): void {
    const { words, fresh } = this;
    if (words !== null && fresh.words !== null) {
      words.set(fresh.words);
      return;
    }
    this.loadImage(fresh.image);
    this.learn(fresh);
  }

  private loadImage(image: Uint8Array): void {
    this.engine.fxArea.set(image.subarray(0, IMAGE_BYTES));
    this.engine.callStub('fxrstor', this.engine.fxAddress);
  }

  /** The engine's state is that of the image. */
  private learn(known: Known): void {
    if (this.words === null) return;
    known.words ??= new Uint8Array(this.words.length);
    known.words.set(this.words);
  }
}

function freshImage(): Buffer {
  const image = Buffer.alloc(IMAGE_BYTES);
  image.writeUInt16LE(0x37f, 0);
  image.writeUInt32LE(0x1f80, MXCSR_AT);
  return image;
}

/** Whether two images load the same; MXCSR_MASK between the two parts is the CPU's, not the state's. */
function sameState(a: Uint8Array, b: Uint8Array): boolean {
  const bytes = Buffer.from(a.buffer, a.byteOffset, a.length);
  const behind = MXCSR_MASK_AT + 4;
  return (
    bytes.compare(b, 0, MXCSR_MASK_AT, 0, MXCSR_MASK_AT) === 0 &&
    bytes.compare(b, behind, MEANINGFUL_BYTES, behind, MEANINGFUL_BYTES) === 0
  );
}

/** An FXSAVE image of fixed noise, valid to load: reserved MXCSR bits are zero. */
function noise(seed: number): Uint8Array {
  const image = new Uint8Array(IMAGE_BYTES);
  let state = seed;
  for (let i = 0; i < MEANINGFUL_BYTES; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    image[i] = state >>> 24;
  }
  const view = new DataView(image.buffer);
  view.setUint32(24, view.getUint32(24, true) & 0xffff, true);
  return image;
}

function findRange(engine: Engine): Range | null {
  const { state } = engine;
  const before = state.slice();
  let first = state.length;
  let last = -1;
  let previous: Uint32Array | undefined;
  for (let seed = 1; seed <= PROBES; seed++) {
    engine.fxArea.set(noise(seed));
    engine.callStub('fxrstor', engine.fxAddress);
    state.forEach((word, i) => {
      if (previous === undefined || previous[i] === word) return;
      first = Math.min(first, i);
      last = Math.max(last, i);
    });
    previous = state.slice();
  }
  state.set(before);
  const found = { start: first * 4, end: (last + 1) * 4 };
  return found.end - found.start > MEANINGFUL_BYTES / 2 && found.end - found.start <= RANGE_LIMIT_BYTES
    ? found
    : null;
}
