/**
 * The x87 and SSE state as FXSAVE images (Intel SDM vol. 1, 10.5.1), without running FXSAVE where it can be avoided: its
 * some sixty emulated stores cost ten microseconds, and every signal frame and every state hash needs one.
 *
 * The engine's own words that hold this state are found once by loading images that differ in every bit; while they equal
 * those of the last image, that image still is the answer.
 */
import type { Engine } from './engine.js';

const IMAGE_BYTES = 512;
/** Header, x87 and the eight XMM registers of 32-bit mode; the rest is reserved or left to software. */
const MEANINGFUL_BYTES = 288;
/** A range longer than this is not the FPU's alone: nothing is kept then. */
const RANGE_LIMIT_BYTES = 4096;
const MXCSR_MASK_AT = 28;
const PROBES = 16;

interface Range {
  /** Bytes from the start of the engine's state. */
  readonly start: number;
  readonly end: number;
}

/** The layout is the loaded library's: found once per thread, null when it cannot be told apart. */
let range: Range | null | undefined;

export class Fpu {
  private readonly words: Uint8Array | null;
  private readonly kept: Uint8Array;
  private readonly image = new Uint8Array(IMAGE_BYTES);
  private valid = false;

  constructor(private readonly engine: Engine) {
    if (range === undefined) range = findRange(engine);
    const { buffer, byteOffset } = engine.state;
    this.words =
      range === null ? null : new Uint8Array(buffer, byteOffset + range.start, range.end - range.start);
    this.kept = new Uint8Array(this.words?.length ?? 0);
  }

  /** The state as 512 bytes, to be copied by the caller: the next call may change them. */
  save(): Uint8Array {
    const { engine, words, kept, image } = this;
    if (this.valid && words !== null && Buffer.compare(words, kept) === 0) return image;
    engine.fxArea.fill(0);
    engine.callStub('fxsave', engine.fxAddress);
    image.set(engine.fxArea);
    if (words !== null) {
      kept.set(words);
      this.valid = true;
    }
    return image;
  }

  load(source: Uint8Array): void {
    const { words, kept } = this;
    if (this.valid && words !== null && sameState(source, this.image)) {
      words.set(kept);
      return;
    }
    this.engine.fxArea.set(source.subarray(0, IMAGE_BYTES));
    this.engine.callStub('fxrstor', this.engine.fxAddress);
  }
}

/** Whether two images load the same; MXCSR_MASK between the two parts is the CPU's, not the state's. */
function sameState(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < MEANINGFUL_BYTES; i++) {
    if (a[i] !== b[i] && (i < MXCSR_MASK_AT || i >= MXCSR_MASK_AT + 4)) return false;
  }
  return true;
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
