// DW_CFA operations, decoded. The top two bits of the opcode are the first three kinds, with the low six as an operand.
// SOURCE: DWARF 5 section 7.24 (table 7.29), LSB core "DWARF Extensions" (GNU ones, MIPS advance_loc8).
import { CfiFormatError, Cursor } from './bytes.js';
import { readPointer } from './pointer.js';
import type { CfiSource } from './source.js';
import type { Cie } from './types.js';

export type Operation =
  | { readonly op: 'nop' | 'rememberState' | 'restoreState' }
  | { readonly op: 'advance'; readonly delta: number }
  | { readonly op: 'setLocation'; readonly address: number }
  | { readonly op: 'restore' | 'undefined' | 'same'; readonly register: number }
  | { readonly op: 'offset' | 'valOffset'; readonly register: number; readonly offset: number }
  | { readonly op: 'register'; readonly register: number; readonly other: number }
  | {
      readonly op: 'expression' | 'valExpression';
      readonly register: number;
      readonly expression: Uint8Array;
    }
  | { readonly op: 'defCfa'; readonly register: number; readonly offset: number }
  | { readonly op: 'defCfaRegister'; readonly register: number }
  | { readonly op: 'defCfaOffset'; readonly offset: number }
  | { readonly op: 'defCfaExpression'; readonly expression: Uint8Array }
  | { readonly op: 'argsSize'; readonly size: number };

/** What the operands are scaled with and relative to. */
export interface Scale {
  readonly source: CfiSource;
  readonly cie: Cie;
}

/** Highest register number accepted: i386 has names up to 100; a limit keeps rows of hostile files small. */
const REGISTER_LIMIT = 127;

type Read = (cursor: Cursor, scale: Scale) => Operation;

function register(cursor: Cursor): number {
  const number = cursor.uleb('register');
  if (number > REGISTER_LIMIT)
    throw new CfiFormatError(cursor.at, `register ${number} is beyond any of i386`);
  return number;
}

const factored = (cursor: Cursor, { cie }: Scale): number => (cursor.uleb('offset') * cie.dataAlign) | 0;
const factoredSigned = (cursor: Cursor, { cie }: Scale): number =>
  (cursor.sleb('offset') * cie.dataAlign) | 0;
const block = (cursor: Cursor): Uint8Array => cursor.block(cursor.uleb('expression size'), 'expression');
const scaled = (delta: number, { cie }: Scale): Operation => ({
  op: 'advance',
  delta: (delta * cie.codeAlign) >>> 0,
});

const READERS: ReadonlyMap<number, Read> = new Map<number, Read>([
  [0x00, () => ({ op: 'nop' })],
  [
    0x01,
    (c, { source, cie }) => {
      const to = readPointer(source, c, cie.pointerEncoding, 'DW_CFA_set_loc');
      return { op: 'setLocation', address: to?.address ?? 0 };
    },
  ],
  [0x02, (c, scale) => scaled(c.u8('delta'), scale)],
  [0x03, (c, scale) => scaled(c.u16('delta'), scale)],
  [0x04, (c, scale) => scaled(c.u32('delta'), scale)],
  [0x05, (c, s) => ({ op: 'offset', register: register(c), offset: factored(c, s) })],
  [0x06, (c) => ({ op: 'restore', register: register(c) })],
  [0x07, (c) => ({ op: 'undefined', register: register(c) })],
  [0x08, (c) => ({ op: 'same', register: register(c) })],
  [0x09, (c) => ({ op: 'register', register: register(c), other: register(c) })],
  [0x0a, () => ({ op: 'rememberState' })],
  [0x0b, () => ({ op: 'restoreState' })],
  [0x0c, (c) => ({ op: 'defCfa', register: register(c), offset: c.uleb('offset') | 0 })],
  [0x0d, (c) => ({ op: 'defCfaRegister', register: register(c) })],
  [0x0e, (c) => ({ op: 'defCfaOffset', offset: c.uleb('offset') | 0 })],
  [0x0f, (c) => ({ op: 'defCfaExpression', expression: block(c) })],
  [0x10, (c) => ({ op: 'expression', register: register(c), expression: block(c) })],
  [0x11, (c, s) => ({ op: 'offset', register: register(c), offset: factoredSigned(c, s) })],
  [0x12, (c, s) => ({ op: 'defCfa', register: register(c), offset: factoredSigned(c, s) })],
  [0x13, (c, s) => ({ op: 'defCfaOffset', offset: factoredSigned(c, s) })],
  [0x14, (c, s) => ({ op: 'valOffset', register: register(c), offset: factored(c, s) })],
  [0x15, (c, s) => ({ op: 'valOffset', register: register(c), offset: factoredSigned(c, s) })],
  [0x16, (c) => ({ op: 'valExpression', register: register(c), expression: block(c) })],
  [0x1d, (c, scale) => scaled(c.u64Low('delta'), scale)],
  [0x2e, (c) => ({ op: 'argsSize', size: c.uleb('size') })],
  // GNU's obsolete form: the offset is subtracted.
  [0x2f, (c, s) => ({ op: 'offset', register: register(c), offset: -factored(c, s) | 0 })],
]);

function readOperation(cursor: Cursor, scale: Scale): Operation {
  const at = cursor.at;
  const opcode = cursor.u8('operation');
  const low = opcode & 0x3f;
  if (opcode >= 0xc0) return { op: 'restore', register: low };
  if (opcode >= 0x80) return { op: 'offset', register: low, offset: factored(cursor, scale) };
  if (opcode >= 0x40) return scaled(low, scale);
  if (opcode === 0x2d)
    throw new CfiFormatError(at, 'DW_CFA_GNU_window_save is for SPARC registers, not for i386');
  const read = READERS.get(opcode);
  if (read === undefined) throw new CfiFormatError(at, `operation 0x${opcode.toString(16)} is not known`);
  return read(cursor, scale);
}

/** The operations of a CIE's or an FDE's program. Throws CfiFormatError, with an offset in the section, at a bad one. */
export function* operations(program: Uint8Array, scale: Scale): Generator<Operation> {
  const { bytes } = scale.source;
  const start = program.byteOffset - bytes.byteOffset;
  const cursor = new Cursor(bytes, start, start + program.length);
  while (!cursor.done) yield readOperation(cursor, scale);
}
