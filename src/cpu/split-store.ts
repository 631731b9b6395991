/**
 * A store over a page border of which only one page may be written so far.
 *
 * Unicorn stores such an operand byte by byte and drops only the bytes that it may not store. Repeating the
 * instruction is right for a plain store, but one that reads its operand first (add, xchg, lock cmpxchg, ...)
 * would now read bytes it has changed itself. That cannot be undone, so it is refused loudly; it takes a
 * misaligned operand and the first store to the second page. When neither page was writable nothing was
 * stored, and both are granted at once (Memory.grantWrite).
 */
import type { Engine } from './engine.js';
import { CpuError, hex32 } from './errors.js';
import type { Memory } from './memory.js';
import { memoryOperand, registerValue } from './operand.js';
import { PAGE_SHIFT, PAGE_SIZE, PROT_WRITE } from './protection.js';

/** Bytes of the longest operand of a read-modify-write instruction handled by direct stores. */
const WIDEST = 4;

/** Throws INEXACT_STORE when the store at EIP that was refused at `address` has already changed its own operand. */
export function refuseSplitStore(engine: Engine, memory: Memory, address: number): void {
  const offset = address % PAGE_SIZE;
  const page = address >>> PAGE_SHIFT;
  const other = offset < WIDEST ? page - 1 : offset > PAGE_SIZE - WIDEST ? page + 1 : page;
  if (other === page || !((memory.pages.state[other] ?? 0) & PROT_WRITE)) return;
  const eip = engine.state[engine.eip] ?? 0;
  const operand = readModifyWriteOperand(engine.state, memory.read(eip, 15) ?? memory.read(eip, 8));
  if (operand === undefined) return;
  if (operand >>> PAGE_SHIFT === (operand + WIDEST - 1) >>> PAGE_SHIFT) return;
  throw new CpuError(
    'INEXACT_STORE',
    `the read-modify-write instruction at ${hex32(eip)} has an operand over the page border at ` +
      `${hex32(Math.max(page, other) * PAGE_SIZE)}, of which one page was never stored to: ` +
      'the emulator cannot resume it; store to that page before, or align the operand',
  );
}

const PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);

/** The address it reads and writes, when the instruction does both. */
function readModifyWriteOperand(state: Uint32Array, code: Uint8Array | null): number | undefined {
  if (code === null) return undefined;
  let at = 0;
  while (PREFIXES.has(code[at] ?? 0)) at++;
  const first = code[at++] ?? 0;
  const second = first === 0x0f ? (code[at++] ?? 0) : undefined;
  const operand = memoryOperand(state, code.subarray(at));
  if (operand === undefined) return undefined;
  if (second === undefined) return oneByte(first, operand.digit) ? operand.address : undefined;
  if (second === 0xab || second === 0xb3 || second === 0xbb) {
    // The bit number reaches beyond the operand, in units of 32 bits.
    return (operand.address + (registerValue(state, operand.digit) >> 5) * 4) >>> 0;
  }
  return twoBytes(second, operand.digit) ? operand.address : undefined;
}

function oneByte(opcode: number, digit: number): boolean {
  if (opcode < 0x38) return (opcode & 7) < 2; // add or adc sbb and sub xor, to memory
  if (opcode >= 0x80 && opcode <= 0x83) return digit !== 7; // the same with a constant, but for cmp
  if (opcode === 0x86 || opcode === 0x87) return true; // xchg
  if (opcode === 0xc0 || opcode === 0xc1 || (opcode >= 0xd0 && opcode <= 0xd3)) return true; // shifts
  if (opcode === 0xf6 || opcode === 0xf7) return digit === 2 || digit === 3; // not neg
  return (opcode === 0xfe || opcode === 0xff) && digit < 2; // inc dec
}

function twoBytes(opcode: number, digit: number): boolean {
  if ([0xa4, 0xa5, 0xac, 0xad, 0xb0, 0xb1, 0xc0, 0xc1].includes(opcode)) return true; // shld shrd cmpxchg xadd
  return opcode === 0xba && digit > 4; // bts btr btc
}
