// A cursor over little-endian bytes with DWARF's variable-length numbers (DWARF 5 section 7.6).
// It throws CfiFormatError, which only the readers of this folder see: each turns it into a problem with its offset.

export class CfiFormatError extends Error {
  readonly code = 'CFI_FORMAT';
  /** Offset in the section. */
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.name = 'CfiFormatError';
    this.offset = offset;
  }
}

export class Cursor {
  at: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** Claims the next `size` bytes and returns their offset. */
  take(size: number, what: string): number {
    const at = this.at;
    if (size > this.end - at) {
      throw new CfiFormatError(at, `${what} needs ${size} bytes, ${this.end - at} are left`);
    }
    this.at += size;
    return at;
  }

  u8(what: string): number {
    return this.#view.getUint8(this.take(1, what));
  }
  u16(what: string): number {
    return this.#view.getUint16(this.take(2, what), true);
  }
  u32(what: string): number {
    return this.#view.getUint32(this.take(4, what), true);
  }
  /** A 64-bit number's low half; its high half must be 0 or all ones (a sign). */
  u64Low(what: string): number {
    const at = this.take(8, what);
    const high = this.#view.getUint32(at + 4, true);
    if (high !== 0 && high !== 0xffffffff) throw new CfiFormatError(at, `${what} does not fit 32 bits`);
    return this.#view.getUint32(at, true);
  }

  /** LEB128's low 32 bits, unsigned; longer numbers are cut as a 32-bit reader does. */
  #leb(what: string): { readonly low: number; readonly bits: number; readonly negative: boolean } {
    let low = 0;
    for (let bits = 0; ; bits += 7) {
      const byte = this.u8(what);
      if (bits < 32) low |= (byte & 0x7f) << bits;
      if ((byte & 0x80) === 0) return { low, bits: bits + 7, negative: (byte & 0x40) !== 0 };
    }
  }

  uleb(what: string): number {
    return this.#leb(what).low >>> 0;
  }

  /** Signed 32 bits. */
  sleb(what: string): number {
    const { low, bits, negative } = this.#leb(what);
    return negative && bits < 32 ? low | (-1 << bits) : low;
  }

  block(size: number, what: string): Uint8Array {
    const at = this.take(size, what);
    return this.bytes.subarray(at, at + size);
  }

  /** A cursor of its own over the next `size` bytes; this one moves behind them. */
  sub(size: number, what: string): Cursor {
    const at = this.take(size, what);
    return new Cursor(this.bytes, at, at + size);
  }

  /** The bytes up to the next NUL, as Latin-1. */
  text(what: string): string {
    const stop = this.bytes.indexOf(0, this.at);
    if (stop < 0 || stop >= this.end) throw new CfiFormatError(this.at, `${what} has no end`);
    const start = this.take(stop + 1 - this.at, what);
    return Buffer.from(this.bytes.subarray(start, stop)).toString('latin1');
  }
}
