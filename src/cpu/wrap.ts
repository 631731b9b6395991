/**
 * Operands that reach over the end of the 4 GiB that a flat segment has: the CPU refuses those before it looks at a page, by
 * #SS through SS and #GP through any other segment, error code 0 (Intel SDM vol. 3, 5.3 "Limit checking"; seen on AMD EPYC:
 * push with ESP 1 to 3, pop and mov at 0xfffffffd and above). Unicorn reports a page fault at the operand's first byte.
 */
import { GENERAL_INDEX } from './engine.js';
import { memoryOperand } from './operand.js';

export const STACK_FAULT = 12;
export const GENERAL_PROTECTION = 13;

const WORD = 4;
/** Operands of a word fit as long as they begin here or below. */
const LAST_WORD = 2 ** 32 - WORD;

const PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);
const SEGMENT_PREFIXES = new Map([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65].map((byte) => [byte, byte === 0x36]));
const OPERAND_SIZE = 0x66;

/** push, pusha, pushf, call, enter; and pop, popa, popf, ret, iret: of one byte, or 0F and one. */
const PUSHES = [...[0x06, 0x0e, 0x16, 0x1e, 0x60, 0x68, 0x6a, 0x9a, 0x9c, 0xc8, 0xe8], 0x0fa0, 0x0fa8];
const POPS = [...[0x07, 0x17, 0x1f, 0x61, 0x9d, 0xc2, 0xc3, 0xca, 0xcb, 0xcf], 0x0fa1, 0x0fa9];
const GROUP_POP = 0x8f;
const GROUP_CALL_PUSH = 0xff;

interface Decoded {
  /** The opcode, with 0x0f00 where it has two bytes. */
  readonly opcode: number;
  /** From ModRM on. */
  readonly rest: Uint8Array;
  readonly short: boolean;
  /** SS, another segment, or null for the one that the operand has by itself. */
  readonly stackSegment: boolean | null;
}

function decode(code: Uint8Array): Decoded {
  let at = 0;
  let short = false;
  let stackSegment: boolean | null = null;
  for (; PREFIXES.has(code[at] ?? 0); at++) {
    const prefix = code[at] ?? 0;
    short ||= prefix === OPERAND_SIZE;
    stackSegment = SEGMENT_PREFIXES.get(prefix) ?? stackSegment;
  }
  const first = code[at++] ?? 0;
  const opcode = first === 0x0f ? 0x0f00 | (code[at++] ?? 0) : first;
  return { opcode, rest: code.subarray(at), short, stackSegment };
}

/** Whether the instruction itself uses the stack at `address`. */
function usesStack(state: Uint32Array, { opcode, rest }: Decoded, address: number): boolean {
  const esp = state[GENERAL_INDEX.esp] ?? 0;
  const digit = ((rest[0] ?? 0) >> 3) & 7;
  const groupPush = opcode === GROUP_CALL_PUSH && (digit === 2 || digit === 3 || digit === 6);
  if (groupPush || (opcode >= 0x50 && opcode <= 0x57) || PUSHES.includes(opcode))
    return address === (esp - WORD) >>> 0;
  const pops = opcode === GROUP_POP || (opcode >= 0x58 && opcode <= 0x5f) || POPS.includes(opcode);
  if (pops) return address === esp;
  // leave pops from where EBP points.
  return opcode === 0xc9 && address === state[GENERAL_INDEX.ebp];
}

/** Of one byte: most opcodes that are even, and a few of two bytes. */
function isByte(opcode: number): boolean {
  if (opcode >= 0x0f00) return (opcode & 0xf0) === 0x90 || [0x0fb0, 0x0fb6, 0x0fbe, 0x0fc0].includes(opcode);
  const arithmetic = opcode < 0x40 && (opcode & 7) < 4;
  return (opcode & 1) === 0 && (arithmetic || (opcode >= 0x80 && opcode < 0x8c) || opcode >= 0xa0);
}

function isShort(opcode: number): boolean {
  return opcode === 0x0fb7 || opcode === 0x0fbf || opcode === 0x8c || opcode === 0x8e;
}

/** ESP and EBP as a base stand for SS. */
function basedOnStack(modrm: number, sib: number): boolean {
  const mode = modrm >> 6;
  const base = (modrm & 7) === 4 ? sib & 7 : modrm & 7;
  return base === 4 || (base === 5 && mode !== 0);
}

/** The exception that an access at `address` by the instruction at `code` really is; undefined for a page fault. */
export function wrapException(state: Uint32Array, code: Uint8Array, address: number): number | undefined {
  if (address <= LAST_WORD) return undefined;
  const decoded = decode(code);
  const { opcode, rest, short, stackSegment } = decoded;
  if (usesStack(state, decoded, address)) return short && address !== 2 ** 32 - 1 ? undefined : STACK_FAULT;
  const width = isByte(opcode) ? 1 : short || isShort(opcode) ? 2 : WORD;
  if (address + width <= 2 ** 32) return undefined;
  const bySS = stackSegment ?? basedOnStack(rest[0] ?? 0, rest[1] ?? 0);
  return memoryOperand(state, rest)?.address === address && bySS ? STACK_FAULT : GENERAL_PROTECTION;
}
