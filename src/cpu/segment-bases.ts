/**
 * Selectors and hidden bases of the six segment registers.
 *
 * QEMU keeps them in an array (ES CS SS DS FS GS, the encoding of the registers) inside the state; where, is
 * found once by loading two registers with a descriptor of a telling base.
 */
import type { Engine } from './engine.js';

interface Place {
  /** Word index of ES's base, and words from one register to the next. */
  readonly first: number;
  readonly stride: number;
}

let place: Place | undefined;

/** Base and selector of ES, CS, SS, DS, FS, GS: twelve words. */
export function segmentBases(engine: Engine): number[] {
  place ??= findPlace(engine);
  const out: number[] = [];
  for (let i = 0; i < 6; i++) {
    const at = place.first + i * place.stride;
    out.push(engine.state[at] ?? 0, engine.state[at - 2] ?? 0);
  }
  return out;
}

function findPlace(engine: Engine): Place {
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
