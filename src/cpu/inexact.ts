/**
 * Instructions that Unicorn does not stop exactly at a memory fault: those whose stores (or loads) are done by a
 * helper function go on without the access, and the run ends one instruction later with EIP after them.
 *
 * They are recognised by the bytes before EIP together with the faulting address inside their operand. This
 * cannot be a completed one followed by another fault: had it completed, its pages would be writable. Forms
 * from the Intel SDM vol. 2; only 32-bit addressing without segment override.
 */
import { GENERAL_INDEX } from './engine.js';
import { CpuError, hex32 } from './errors.js';
import type { Machine, Outcome } from './run.js';

/**
 * again: changed nothing, so run it again. fstpt, cmpxchg8b: finished but for the store, which is made up for.
 * lost: its effect cannot be undone (when the store is legal; a real fault is reported all the same).
 */
type Remedy = 'again' | 'fstpt' | 'cmpxchg8b' | 'lost';

interface Form {
  readonly access: 'read' | 'write';
  readonly opcode: readonly number[];
  /** The /digit of the ModRM byte. */
  readonly digit: number;
  /** Bytes of the operand. */
  readonly size: number;
  readonly remedy: Remedy;
}

const FORMS: readonly Form[] = [
  { access: 'write', opcode: [0x0f, 0xae], digit: 0, size: 512, remedy: 'again' }, // fxsave
  { access: 'read', opcode: [0x0f, 0xae], digit: 1, size: 512, remedy: 'again' }, // fxrstor
  { access: 'write', opcode: [0xd9], digit: 6, size: 28, remedy: 'again' }, // fnstenv
  { access: 'read', opcode: [0xd9], digit: 4, size: 28, remedy: 'again' }, // fldenv
  { access: 'write', opcode: [0xdd], digit: 6, size: 108, remedy: 'lost' }, // fnsave: the FPU is reset
  { access: 'read', opcode: [0xdd], digit: 4, size: 108, remedy: 'again' }, // frstor
  { access: 'write', opcode: [0xdb], digit: 7, size: 10, remedy: 'fstpt' },
  { access: 'read', opcode: [0xdb], digit: 5, size: 10, remedy: 'again' }, // fldt
  { access: 'write', opcode: [0xdf], digit: 6, size: 10, remedy: 'lost' }, // fbstp
  { access: 'read', opcode: [0xdf], digit: 4, size: 10, remedy: 'again' }, // fbld
  { access: 'write', opcode: [0x0f, 0xc7], digit: 1, size: 8, remedy: 'cmpxchg8b' },
];

const REGISTERS = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'] as const;
const ZERO_FLAG = 0x40;
const LONGEST = 11;

interface Found {
  readonly form: Form;
  /** Address of the instruction and of its operand. */
  readonly start: number;
  readonly operand: number;
}

/**
 * After a memory fault: undefined when EIP is at the faulting instruction, as it nearly always is. Else makes up
 * for the access, or puts EIP back, and says how to go on.
 */
export function completeInexact(
  machine: Machine,
  access: 'read' | 'write',
  address: number,
): Outcome | undefined {
  const found = find(machine, access, address);
  if (found === undefined) return undefined;
  const { engine, memory } = machine;
  const { form, start, operand } = found;
  // The instruction itself and the one after it have begun.
  const before = Math.max(engine.begun() - 2, 0);
  const last = operand + form.size - 1;
  const allowed = access === 'write' && memory.grantWrite(address) && memory.mayWrite(operand, form.size);
  if (form.remedy === 'again' || !allowed) {
    engine.state[engine.eip] = start;
    if (allowed) return { kind: 'again', executed: before };
    if (access === 'write' && memory.mayWrite(address, 1)) {
      return fault(machine, access, last & ~4095);
    }
    return fault(machine, access, address);
  }
  memory.grantWrite(operand);
  memory.grantWrite(last);
  if (form.remedy === 'lost') {
    throw new CpuError(
      'INEXACT_STORE',
      `the fnsave or fbstp at ${hex32(start)} is the first store to the page of ${hex32(address)}, ` +
        'which the emulator cannot resume: store something there before',
    );
  }
  memory.write(operand, form.remedy === 'fstpt' ? poppedValue(machine) : exchangedValue(machine, operand));
  return { kind: 'again', executed: before + 1 };
}

function fault({ memory }: Machine, access: 'read' | 'write', address: number): Outcome {
  return { kind: 'fault', access, address: address >>> 0, present: memory.present(address >>> 0, 1) };
}

/** The 80-bit value that fstpt has popped: it still is in what now is ST(7). */
function poppedValue({ engine }: Machine): Uint8Array {
  engine.callStub('fxsave', engine.fxAddress);
  return engine.fxArea.slice(32 + 7 * 16, 32 + 7 * 16 + 10);
}

/** cmpxchg8b stores ECX:EBX when it compared equal (ZF), else what was there. */
function exchangedValue({ engine, memory }: Machine, operand: number): Uint8Array {
  const old = memory.read(operand, 8) ?? new Uint8Array(8);
  if (!(engine.readEflags() & ZERO_FLAG)) return old;
  const view = new DataView(old.buffer);
  view.setUint32(0, engine.state[GENERAL_INDEX.ebx] ?? 0, true);
  view.setUint32(4, engine.state[GENERAL_INDEX.ecx] ?? 0, true);
  return old;
}

function find(machine: Machine, access: 'read' | 'write', address: number): Found | undefined {
  const { engine, memory } = machine;
  const eip = engine.state[engine.eip] ?? 0;
  for (let length = 2; length <= LONGEST; length++) {
    const start = (eip - length) >>> 0;
    const code = memory.read(start, length);
    if (code === null) continue;
    for (const form of FORMS) {
      if (form.access !== access || form.opcode.some((byte, i) => code[i] !== byte)) continue;
      const operand = effectiveAddress(engine.state, code.subarray(form.opcode.length), form.digit);
      if (operand === undefined) continue;
      if ((address - operand) >>> 0 < form.size) return { form, start, operand };
    }
  }
  return undefined;
}

/** Decodes ModRM, SIB and displacement that must fill `code` exactly; undefined for anything else. */
function effectiveAddress(state: Uint32Array, code: Uint8Array, digit: number): number | undefined {
  const modrm = code[0];
  if (modrm === undefined || modrm >> 6 === 3 || ((modrm >> 3) & 7) !== digit) return undefined;
  const mode = modrm >> 6;
  const value = (register: number) => state[GENERAL_INDEX[REGISTERS[register & 7] ?? 'eax']] ?? 0;
  let at = 1;
  let sum = 0;
  let base = modrm & 7;
  if (base === 4) {
    const sib = code[at++] ?? 0;
    base = sib & 7;
    const index = (sib >> 3) & 7;
    if (index !== 4) sum += value(index) * 2 ** (sib >> 6);
  }
  const absolute = base === 5 && mode === 0;
  if (!absolute) sum += value(base);
  const width = absolute || mode === 2 ? 4 : mode;
  if (code.length !== at + width) return undefined;
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  if (width === 1) sum += view.getInt8(at);
  if (width === 4) sum += view.getInt32(at, true);
  return sum >>> 0;
}
