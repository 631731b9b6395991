// What the static check knows of a word: a base and an offset, packed into one number so that equal values are ===.
// CFA: the true canonical frame address (ESP before the call that came here); CONST: a number; initial(r): the value
// register r had at the call; opaque(n): some fixed unknown, such as ESP after `and $-16, %esp`.

const UNIT = 2 ** 32;
const BASE = { cfa: 0, constant: 1, changed: 2, unknown: 3, initial: 4, opaque: 128 } as const;
/** 53 bits of integer precision leave 21 for the base. */
const BASE_LIMIT = 2 ** 21;

/** base * 2^32 + offset mod 2^32. */
export type Value = number;

/** Certainly not what any register held at the call: the result of a computation or a load. */
export const CHANGED: Value = BASE.changed * UNIT;
/** Differs from path to path, or nothing is known. */
export const UNKNOWN: Value = BASE.unknown * UNIT;

export const cfaPlus = (offset: number): Value => BASE.cfa * UNIT + (offset >>> 0);
export const constant = (value: number): Value => BASE.constant * UNIT + (value >>> 0);
/** DWARF register number; 8 is the return address. */
export const initial = (register: number): Value => (BASE.initial + register) * UNIT;

/** A fixed unknown of its own; the same `id` is the same one. */
export function opaque(id: number): Value {
  return BASE.opaque + id < BASE_LIMIT ? (BASE.opaque + id) * UNIT : UNKNOWN;
}

const baseOf = (value: Value): number => Math.floor(value / UNIT);
export const offsetOf = (value: Value): number => (value % UNIT) | 0;

/** False for values that are no particular word. */
export const isDefinite = (value: Value): boolean => value !== CHANGED && value !== UNKNOWN;
export const isConstant = (value: Value): boolean => baseOf(value) === BASE.constant;

/** An address in the frame: relative to the CFA or to an opaque stack pointer. */
export function isFrameAddress(value: Value): boolean {
  const base = baseOf(value);
  return base === BASE.cfa || base >= BASE.opaque;
}

export function plus(value: Value, delta: number): Value {
  if (!isDefinite(value)) return value;
  const base = baseOf(value);
  return base * UNIT + (((value % UNIT) + delta) >>> 0);
}

/** Bytes from `from` up to `to`, signed; null when their bases differ. */
export function distance(from: Value, to: Value): number | null {
  return baseOf(from) === baseOf(to) && isDefinite(from) ? ((to % UNIT) - (from % UNIT)) | 0 : null;
}

/** What holds when one of two paths came here. */
export function joinValues(a: Value, b: Value): Value {
  return a === b ? a : UNKNOWN;
}

/** For people: 'CFA-8', 'the caller's ebx', '0x10', 'something else', 'unknown'. */
export function valueText(value: Value, name: (register: number) => string): string {
  const base = baseOf(value);
  const offset = offsetOf(value);
  const signed = offset === 0 ? '' : `${offset < 0 ? '' : '+'}${offset}`;
  if (base === BASE.cfa) return `CFA${signed}`;
  if (base === BASE.constant) return `0x${(value % UNIT).toString(16)}`;
  if (value === CHANGED) return 'something else';
  if (value === UNKNOWN) return 'unknown';
  if (base >= BASE.opaque) return `an aligned stack pointer${signed}`;
  return `the caller's ${name(base - BASE.initial)}${signed}`;
}
