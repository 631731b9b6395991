/**
 * Selectors and hidden bases of the six segment registers, read without a library call.
 *
 * QEMU keeps them in an array (ES CS SS DS FS GS, the encoding of the registers) inside the state; where, is
 * found once by loading two registers with a descriptor of a telling base.
 */
import type { Engine } from './engine.js';

export interface SegmentPlace {
  /** Word index of ES's base, and words from one register to the next. */
  readonly first: number;
  readonly stride: number;
}

let place: SegmentPlace | undefined;

/** The registers' order in the engine's array. */
export const SEGMENT_ORDER = { es: 0, cs: 1, ss: 2, ds: 3, fs: 4, gs: 5 } as const;

/** Words from a selector to its base. */
const BASE_WORD = 2;

/** Where the loaded library has them; the engine must be in user mode. */
export function segmentPlace(engine: Engine): SegmentPlace {
  place ??= findPlace(engine);
  return place;
}

/** Word index of a register's selector in the engine's state. */
export function selectorIndex({ first, stride }: SegmentPlace, register: keyof typeof SEGMENT_ORDER): number {
  return first + SEGMENT_ORDER[register] * stride - BASE_WORD;
}

/** Base and selector of ES, CS, SS, DS, FS, GS: twelve words. */
export function segmentBases(engine: Engine): number[] {
  const { first, stride } = segmentPlace(engine);
  const out: number[] = [];
  for (let i = 0; i < 6; i++) {
    const at = first + i * stride;
    out.push(engine.state[at] ?? 0, engine.state[at - BASE_WORD] ?? 0);
  }
  return out;
}

function findPlace(engine: Engine): SegmentPlace {
  const { state, segments, supervisor } = engine;
  const before = state.slice();
  const entry = segments.tlsEntries[0];
  const area = supervisor.subarray(entry * 8, entry * 8 + 8);
  const old = area.slice();
  // Base 0x5ac3a000, limit 4 GiB, data, DPL 3, accessed.
  new DataView(area.buffer, area.byteOffset).setUint32(0, 0xa000ffff, true);
  new DataView(area.buffer, area.byteOffset).setUint32(4, 0x5acff3c3, true);
  engine.callStub('fs', entry * 8 + 3);
  const fs = state.indexOf(0x5ac3a000);
  engine.callStub('gs', entry * 8 + 3);
  const gs = state.indexOf(0x5ac3a000, fs + 1);
  area.set(old);
  state.set(before);
  const stride = gs - fs;
  return { first: fs - 4 * stride, stride };
}
