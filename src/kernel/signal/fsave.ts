/**
 * Between the two images of the x87 state (arch/x86/kernel/fpu/regset.c: convert_from_fxsr, convert_to_fxsr; Intel SDM vol. 1,
 * 8.1.10 and 10.5.1): FSAVE's seven 32-bit words of environment, then eight 80-bit registers in stack order; FXSAVE's has
 * shorter words and registers 16 bytes apart.
 */
const REGISTERS = 8;
const REGISTER_BYTES = 10;

/** Offsets in an FSAVE image: control, status, tags, then the last instruction's and operand's addresses and selectors. */
const fsave = { cwd: 0, swd: 4, twd: 8, fip: 12, fcs: 16, foo: 20, fos: 24, st: 28 } as const;
/** Offsets in an FXSAVE image; the tags are one byte. */
const fxsave = {
  cwd: 0,
  swd: 2,
  twd: 4,
  fop: 6,
  fip: 8,
  fcs: 12,
  foo: 16,
  fos: 20,
  st: 32,
  stride: 16,
} as const;

/** Of code and data. */
export interface Selectors {
  readonly cs: number;
  readonly ds: number;
}

/**
 * Writes the 108 bytes of an FSAVE image to the begin of `out`. `selectors` are shown in place of those in the image, which
 * then has none.
 */
export function toFsave(image: Uint8Array, selectors: Selectors | null, out: Uint8Array): void {
  put32(out, fsave.cwd, 0xffff0000 | get16(image, fxsave.cwd));
  put32(out, fsave.swd, 0xffff0000 | get16(image, fxsave.swd));
  put32(out, fsave.twd, 0xffff0000 | fullTags(image));
  put32(out, fsave.fip, get32(image, fxsave.fip));
  put32(out, fsave.foo, get32(image, fxsave.foo));
  put32(out, fsave.fcs, selectors?.cs ?? get16(image, fxsave.fcs) | (get16(image, fxsave.fop) << 16));
  put32(out, fsave.fos, 0xffff0000 | (selectors?.ds ?? get16(image, fxsave.fos)));
  for (let i = 0; i < REGISTERS; i++) {
    copyRegister(image, fxsave.st + i * fxsave.stride, out, fsave.st + i * REGISTER_BYTES);
  }
}

/** Takes the x87 part of an FXSAVE image from the FSAVE image at the begin of `from`. */
export function fromFsave(from: Uint8Array, image: Uint8Array): void {
  put16(image, fxsave.cwd, get16(from, fsave.cwd));
  put16(image, fxsave.swd, get16(from, fsave.swd));
  image[fxsave.twd] = abridgedTags(get16(from, fsave.twd));
  put16(image, fxsave.fop, get16(from, fsave.fcs + 2));
  put32(image, fxsave.fip, get32(from, fsave.fip));
  put32(image, fxsave.foo, get32(from, fsave.foo));
  for (let i = 0; i < REGISTERS; i++) {
    copyRegister(from, fsave.st + i * REGISTER_BYTES, image, fxsave.st + i * fxsave.stride);
  }
}

const TAG = { valid: 0, zero: 1, special: 2, empty: 3 } as const;
const ALL_EMPTY = 0xffff;

/** The two-bit tags of FSAVE from FXSAVE's one bit a register and the registers themselves (Intel SDM vol. 1, 10.5.1.1). */
function fullTags(image: Uint8Array): number {
  const abridged = image[fxsave.twd] ?? 0;
  if (abridged === 0) return ALL_EMPTY;
  const top = (get16(image, fxsave.swd) >> 11) & 7;
  let tags = 0;
  for (let physical = 0; physical < REGISTERS; physical++) {
    const used = (abridged >> physical) & 1;
    const register = fxsave.st + ((physical - top) & 7) * fxsave.stride;
    tags |= (used ? classify(image, register) : TAG.empty) << (2 * physical);
  }
  return tags;
}

function classify(image: Uint8Array, at: number): number {
  const exponent = get16(image, at + 8) & 0x7fff;
  const low = get32(image, at);
  const high = get32(image, at + 4);
  if (exponent === 0x7fff) return TAG.special;
  if (exponent === 0) return low === 0 && high === 0 ? TAG.zero : TAG.special;
  return high & 0x80000000 ? TAG.valid : TAG.special;
}

function abridgedTags(tags: number): number {
  if (tags === ALL_EMPTY) return 0;
  let abridged = 0;
  for (let i = 0; i < REGISTERS; i++) if (((tags >> (2 * i)) & 3) !== TAG.empty) abridged |= 1 << i;
  return abridged;
}

function copyRegister(from: Uint8Array, at: number, to: Uint8Array, toAt: number): void {
  for (let i = 0; i < REGISTER_BYTES; i++) to[toAt + i] = from[at + i] ?? 0;
}

function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function get32(bytes: Uint8Array, at: number): number {
  return get16(bytes, at) | (get16(bytes, at + 2) << 16);
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value);
  put16(bytes, at + 2, value >>> 16);
}
