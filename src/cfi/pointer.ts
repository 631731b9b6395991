// Encoded pointers: the low four bits of the encoding say how the number is stored, the next three what it is relative
// to, 0x80 that the result is the address of the pointer; 0xff: there is none. SOURCE: LSB core "DWARF Exception Header
// Encoding". A signed and an unsigned 4-byte number are the same address on i386.
import { CfiFormatError, type Cursor } from './bytes.js';
import type { CfiSource } from './source.js';
import type { Pointer } from './types.js';

export const PE = {
  ABSPTR: 0,
  PCREL: 0x10,
  TEXTREL: 0x20,
  DATAREL: 0x30,
  FUNCREL: 0x40,
  ALIGNED: 0x50,
} as const;
export const PE_OMIT = 0xff;
const PE_INDIRECT = 0x80;

function storedNumber(cursor: Cursor, format: number, what: string): number {
  switch (format) {
    case 0x0:
    case 0x3:
    case 0xb:
      return cursor.u32(what);
    case 0x1:
      return cursor.uleb(what);
    case 0x2:
      return cursor.u16(what);
    case 0x4:
    case 0xc:
      return cursor.u64Low(what);
    case 0x8:
      return cursor.u32(what);
    case 0x9:
      return cursor.sleb(what);
    case 0xa:
      return (cursor.u16(what) << 16) >> 16;
    default:
      throw new CfiFormatError(cursor.at, `${what} has pointer format 0x${format.toString(16)}, unknown`);
  }
}

function baseOf(
  source: CfiSource,
  application: number,
  field: number,
  start: number | undefined,
): number | undefined {
  switch (application) {
    case PE.ABSPTR:
    case PE.ALIGNED:
      return 0;
    case PE.PCREL:
      return source.address + field;
    case PE.TEXTREL:
      return source.textBase;
    case PE.DATAREL:
      return source.dataBase;
    default:
      return application === PE.FUNCREL ? start : undefined;
  }
}

/** Reads one pointer; `start` is the function's, for DW_EH_PE_funcrel. Undefined for DW_EH_PE_omit and a null pointer. */
export function readPointer(
  source: CfiSource,
  cursor: Cursor,
  encoding: number,
  what: string,
  start?: number,
): Pointer | undefined {
  if (encoding === PE_OMIT) return undefined;
  const application = encoding & 0x70;
  if (application === PE.ALIGNED) {
    const over = (source.address + cursor.at) & 3;
    if (over !== 0) cursor.take(4 - over, what);
  }
  const field = cursor.at;
  const stored = storedNumber(cursor, application === PE.ALIGNED ? 0 : encoding & 15, what);
  const indirect = (encoding & PE_INDIRECT) !== 0;
  const base = baseOf(source, application, field, start);
  const relocated = source.relocated(field);
  if (relocated !== undefined) {
    if (relocated.pcRelative !== (application === PE.PCREL)) {
      throw new CfiFormatError(
        field,
        `${what} is encoded as 0x${encoding.toString(16)}, its relocation disagrees`,
      );
    }
    return { section: relocated.section, address: relocated.address, indirect, symbol: relocated.symbol };
  }
  if (base === undefined) {
    throw new CfiFormatError(
      field,
      `${what} is relative to a base that this file does not have (0x${encoding.toString(16)})`,
    );
  }
  if (stored === 0 && application !== PE.FUNCREL) return undefined;
  // Without a relocation a pc-relative number in an object points into its own section.
  const section = application === PE.PCREL ? source.section : 0;
  return { section, address: (base + stored) >>> 0, indirect, symbol: undefined };
}
