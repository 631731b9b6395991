/**
 * Instructions that Unicorn does not stop exactly at a memory fault: those whose stores (or loads) are done by a
 * helper function go on without the access, and the run ends one instruction later with EIP after them.
 *
 * They are recognised by the bytes before EIP together with the faulting address inside their operand. This
 * cannot be a completed one followed by another fault: had it completed, its pages would be writable. Forms
 * from the Intel SDM vol. 2; only 32-bit addressing without segment override. The longest match is taken: 0x66
 * before an opcode makes it another one.
 */
import { GENERAL_INDEX } from './engine.js';
import { CpuError, hex32 } from './errors.js';
import { memoryOperand } from './operand.js';
import type { Machine, Outcome } from './run.js';

/**
 * again: changed nothing, so run it again. fstpt, cmpxchg8b: finished but for the store, which is made up for.
 * lost: its effect cannot be undone (when the store is legal; a real fault is reported all the same).
 */
type Remedy = 'again' | 'fstpt' | 'cmpxchg8b' | 'lost';

interface Form {
  readonly access: 'read' | 'write';
  readonly opcode: readonly number[];
  /** The /digit of the ModRM byte; `edi`: both operands are registers and the address is in EDI. */
  readonly digit: number | 'edi';
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
  { access: 'write', opcode: [0x66, 0x0f, 0xf7], digit: 'edi', size: 16, remedy: 'again' }, // maskmovdqu
  { access: 'write', opcode: [0x0f, 0xf7], digit: 'edi', size: 8, remedy: 'again' }, // maskmovq
];

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
  for (let length = LONGEST; length >= 2; length--) {
    const start = (eip - length) >>> 0;
    const code = memory.read(start, length);
    if (code === null) continue;
    for (const form of FORMS) {
      if (form.access !== access || form.opcode.some((byte, i) => code[i] !== byte)) continue;
      const operand = operandOf(engine.state, code.subarray(form.opcode.length), form);
      if (operand !== undefined && (address - operand) >>> 0 < form.size) return { form, start, operand };
    }
  }
  return undefined;
}

/** Address of the operand when `code`, from the ModRM byte on, is this form and ends where it must. */
function operandOf(state: Uint32Array, code: Uint8Array, form: Form): number | undefined {
  if (form.digit === 'edi') {
    return code.length === 1 && (code[0] ?? 0) >= 0xc0 ? state[GENERAL_INDEX.edi] : undefined;
  }
  const operand = memoryOperand(state, code);
  return operand?.digit === form.digit && operand.length === code.length ? operand.address : undefined;
}
