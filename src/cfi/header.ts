// .eh_frame_hdr: {version u8 = 1, encodings of the pointer, of the count and of the table u8 each, pointer to .eh_frame,
// count, table of (initial location, FDE address) sorted by location for binary search}. A data-relative number here
// is relative to the section's own start. SOURCE: LSB core "The .eh_frame_hdr section".
import { CfiFormatError, Cursor } from './bytes.js';
import { PE_OMIT, readPointer } from './pointer.js';
import type { CfiSource } from './source.js';

export interface HeaderEntry {
  readonly location: number;
  /** Virtual address of the FDE. */
  readonly fde: number;
}

export interface FrameHeader {
  /** Virtual address of .eh_frame; undefined when the header omits it. */
  readonly frames: number | undefined;
  /** Undefined when there is no table: an unwinder then searches all of .eh_frame. */
  readonly table: readonly HeaderEntry[] | undefined;
  readonly sorted: boolean;
}

export type FrameHeaderResult =
  | { readonly ok: true; readonly header: FrameHeader }
  | { readonly ok: false; readonly offset: number; readonly message: string };

const isAscending = (table: readonly HeaderEntry[]): boolean =>
  table.every((entry, i) => i === 0 || (table[i - 1]?.location ?? 0) <= entry.location);

function read(section: CfiSource): FrameHeader {
  const source = { ...section, dataBase: section.address };
  const cursor = new Cursor(source.bytes);
  const version = cursor.u8('version');
  if (version !== 1) throw new CfiFormatError(0, `version ${version}, not 1`);
  const [pointerEncoding, countEncoding, tableEncoding] = [
    cursor.u8('encoding'),
    cursor.u8('encoding'),
    cursor.u8('encoding'),
  ];
  const frames = readPointer(source, cursor, pointerEncoding, 'pointer to .eh_frame')?.address;
  if (countEncoding === PE_OMIT || tableEncoding === PE_OMIT)
    return { frames, table: undefined, sorted: true };
  const count = readPointer(source, cursor, countEncoding, 'count')?.address ?? 0;
  const table: HeaderEntry[] = [];
  for (let i = 0; i < count; i++) {
    const location = readPointer(source, cursor, tableEncoding, 'location')?.address ?? 0;
    table.push({ location, fde: readPointer(source, cursor, tableEncoding, 'FDE address')?.address ?? 0 });
  }
  return { frames, table, sorted: isAscending(table) };
}

/** Reads the header; never throws on bad input. */
export function readFrameHeader(section: CfiSource): FrameHeaderResult {
  try {
    return { ok: true, header: read(section) };
  } catch (error) {
    if (!(error instanceof CfiFormatError)) throw error;
    return { ok: false, offset: error.offset, message: error.message };
  }
}
