// A little-endian reader that checks every access against the file's end.
// It throws ElfFormatError, which only parseElf and parseArchive see: both turn it into a result.
import { hex } from './text.js';
import type { ElfErrorCode } from './types.js';

/** Longest name accepted. Real ones stay below it; a limit keeps hostile string tables from costing quadratic time. */
const NAME_LIMIT_BYTES = 4096;

export class ElfFormatError extends Error {
  readonly code: ElfErrorCode;
  constructor(code: ElfErrorCode, message: string) {
    super(message);
    this.name = 'ElfFormatError';
    this.code = code;
  }
}

export class Reader {
  readonly bytes: Uint8Array;
  readonly file: string;
  readonly #view: DataView;
  readonly #text: Buffer;

  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.file = file;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(offset: number): number {
    return this.#view.getUint8(offset);
  }
  u16(offset: number): number {
    return this.#view.getUint16(offset, true);
  }
  u32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  /** Throws 'truncated' unless [offset, offset + size) lies in the file; `what` names the thing for the message. */
  need(offset: number, size: number, what: string): void {
    if (offset + size <= this.bytes.length) return;
    throw new ElfFormatError(
      'truncated',
      `${this.file}: truncated: the ${what} at offset ${hex(offset)} needs ${size} bytes, ` +
        `the file has ${this.bytes.length}; get the whole file again`,
    );
  }

  slice(offset: number, size: number, what: string): Uint8Array {
    this.need(offset, size, what);
    return this.bytes.subarray(offset, offset + size);
  }

  /** The NUL-terminated name at `at` in the string table [offset, offset + size). */
  name(table: { readonly offset: number; readonly size: number }, at: number, what: string): string {
    if (at === 0 && table.size === 0) return '';
    const end = Math.min(table.offset + table.size, this.bytes.length);
    const start = table.offset + at;
    if (start >= end) {
      throw this.malformed(
        `the name of ${what} is ${hex(at)} bytes into a string table of ${table.size} bytes`,
      );
    }
    const limit = Math.min(end, start + NAME_LIMIT_BYTES);
    let stop = start;
    while (stop < limit && this.bytes[stop] !== 0) stop++;
    if (stop === limit) throw this.malformed(`the name of ${what} at offset ${hex(start)} has no end`);
    return this.#text.toString('latin1', start, stop);
  }

  malformed(what: string): ElfFormatError {
    return new ElfFormatError('malformed', `${this.file}: malformed ELF file: ${what}`);
  }
}
