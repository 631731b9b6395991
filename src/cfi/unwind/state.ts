// Registers and memory of a stopped thread, as unwinding reads and rewrites them frame by frame.
import { arithmetic, type ExpressionDomain } from '../expression.js';

/** The process's memory; null where nothing is mapped. */
export interface Memory {
  readonly readU32: (address: number) => number | null;
}

/** One frame as it is about to be unwound. All values are unsigned 32-bit numbers. */
export interface FrameState {
  /** The next instruction: one that has not been executed yet, or the one behind a call. */
  readonly pc: number;
  /** eax, ecx, edx, ebx, esp, ebp, esi, edi (DWARF's order); null: the value is lost. */
  readonly registers: readonly (number | null)[];
  /** Its code was stopped at `pc`, by a signal or by us; false: it has called. */
  readonly interrupted: boolean;
  /** The CFA of the frame that was unwound to get here; ESP for the first one. */
  readonly cfa: number;
}

/** DWARF expressions over the values of a frame; register 8 reads as the program counter. */
export function numberDomain(state: FrameState, memory: Memory): ExpressionDomain<number> {
  return {
    constant: (value) => value >>> 0,
    register: (number) => (number === 8 ? state.pc : (state.registers[number] ?? null)),
    load: (address, size) => (size === 4 ? memory.readU32(address) : null),
    binary: arithmetic,
    known: (value) => value,
  };
}
