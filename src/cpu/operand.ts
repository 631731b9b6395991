/** The memory operand of an instruction: ModRM, SIB and displacement (Intel SDM vol. 2, 2.1.3), 32-bit addressing. */
import { GENERAL_INDEX } from './engine.js';

const REGISTERS = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'] as const;

export interface MemoryOperand {
  /** u32, without a segment base. */
  readonly address: number;
  /** The middle field of ModRM: a register or part of the opcode. */
  readonly digit: number;
  /** Bytes from ModRM to the end of the displacement. */
  readonly length: number;
}

/** The value of the register with this number (3 bits). */
export function registerValue(state: Uint32Array, number: number): number {
  return state[GENERAL_INDEX[REGISTERS[number & 7] ?? 'eax']] ?? 0;
}

/** `code` starts at ModRM; undefined for a register operand or when it is cut short. */
export function memoryOperand(state: Uint32Array, code: Uint8Array): MemoryOperand | undefined {
  const modrm = code[0];
  if (modrm === undefined || modrm >> 6 === 3) return undefined;
  const mode = modrm >> 6;
  let at = 1;
  let sum = 0;
  let base = modrm & 7;
  if (base === 4) {
    const sib = code[at++] ?? 0;
    base = sib & 7;
    const index = (sib >> 3) & 7;
    if (index !== 4) sum += registerValue(state, index) * 2 ** (sib >> 6);
  }
  const absolute = base === 5 && mode === 0;
  if (!absolute) sum += registerValue(state, base);
  const width = absolute || mode === 2 ? 4 : mode;
  if (code.length < at + width) return undefined;
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  if (width === 1) sum += view.getInt8(at);
  if (width === 4) sum += view.getInt32(at, true);
  return { address: sum >>> 0, digit: (modrm >> 3) & 7, length: at + width };
}
