// The entries of a frame section: {length u32 (0xffffffff: u64 follows), id or CIE pointer, ...}.
// .eh_frame: id 0 is a CIE, else the distance back from this field to the CIE; length 0 is a terminator.
// .debug_frame: id 0xffffffff is a CIE, else the CIE's offset; pointers are plain words.
// SOURCE: DWARF 5 section 6.4.1, LSB core "Exception Frames". One bad entry is skipped: the next is found by its length.
import { CfiFormatError, Cursor } from './bytes.js';
import { readCie } from './cie.js';
import { readPointer } from './pointer.js';
import type { CfiSource } from './source.js';
import type { CfiProblem, Cie, Fde, FrameSection, FrameTable } from './types.js';

const DEBUG_CIE_ID = 0xffffffff;

interface Entry {
  readonly offset: number;
  /** Where the CIE is; undefined for a CIE itself. */
  readonly cieAt: number | undefined;
  /** Stands after the id. */
  readonly body: Cursor;
}

/** Splits the section; stops at the first length that does not fit, as what follows cannot be found. */
function* splitEntries(source: CfiSource, kind: FrameSection): Generator<Entry> {
  const cursor = new Cursor(source.bytes);
  while (cursor.end - cursor.at >= 4) {
    const offset = cursor.at;
    const short = cursor.u32('length');
    if (short === 0) continue;
    if (short > 0xfffffff0 && short !== 0xffffffff)
      throw new CfiFormatError(offset, `length 0x${short.toString(16)} is reserved`);
    const long = short === 0xffffffff;
    const body = cursor.sub(long ? cursor.u64Low('length') : short, 'entry');
    const idAt = body.at;
    const id = long && kind === 'debug_frame' ? body.u64Low('CIE id') : body.u32('CIE id');
    const isCie = id === (kind === 'eh_frame' ? 0 : DEBUG_CIE_ID);
    const relocated = kind === 'debug_frame' ? source.relocated(idAt)?.address : undefined;
    const cieAt = kind === 'eh_frame' ? idAt - id : (relocated ?? id);
    yield { offset, cieAt: isCie ? undefined : cieAt, body };
  }
}

function readFde(source: CfiSource, { offset, body }: Entry, cie: Cie): Fde {
  const start = readPointer(source, body, cie.pointerEncoding, 'initial location');
  if (start?.indirect === true) throw new CfiFormatError(offset, 'its initial location is indirect');
  // The size has the format of the address but is relative to nothing.
  const size = readPointer(source, body, cie.pointerEncoding & 15, 'address range')?.address ?? 0;
  const address = start?.address ?? 0;
  let lsda: Fde['lsda'];
  if (cie.augmentation.startsWith('z')) {
    const data = body.sub(body.uleb('augmentation size'), 'augmentation data');
    lsda = data.done ? undefined : readPointer(source, data, cie.lsdaEncoding, 'LSDA', address);
  }
  const program = body.bytes.subarray(body.at, body.end);
  return { offset, cie, start: { section: start?.section ?? source.section, address }, size, lsda, program };
}

/** Reads a whole section. Never throws on bad input: what cannot be read is a problem with its offset. */
export function readFrames(source: CfiSource, kind: FrameSection): FrameTable {
  const problems: CfiProblem[] = [];
  const fdes: Fde[] = [];
  /** By offset; a CIE may stand behind its FDEs, and null is one that could not be read. */
  const cies = new Map<number, Cie | null>();
  const attempt = <T>(offset: number, read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof CfiFormatError)) throw error;
      problems.push({ section: kind, offset, message: error.message });
      return null;
    }
  };
  const entries: Entry[] = [];
  attempt(source.bytes.length, () => {
    for (const entry of splitEntries(source, kind)) entries.push(entry);
  });
  for (const { offset, cieAt, body } of entries) {
    if (cieAt === undefined)
      cies.set(
        offset,
        attempt(offset, () => readCie(source, kind, body, offset)),
      );
  }
  for (const entry of entries) {
    if (entry.cieAt === undefined) continue;
    const cie = cies.get(entry.cieAt);
    if (cie === undefined) {
      const message = `its CIE at offset 0x${entry.cieAt.toString(16)} is not there`;
      problems.push({ section: kind, offset: entry.offset, message });
    } else if (cie !== null) {
      const fde = attempt(entry.offset, () => readFde(source, entry, cie));
      if (fde !== null) fdes.push(fde);
    }
  }
  return { section: kind, cies: [...cies.values()].flatMap((cie) => cie ?? []), fdes, problems };
}
