// Unwinding from __kernel_vsyscall by the image's own frame description, at every instruction that a case comes to: what
// a debugger or a cancellation would find. SOURCE: DWARF 5 section 6.4; i386 psABI table 2.14 for register numbers.
import { DWARF_REGISTER, type Row, readFileFrames, rowAt } from '../../cfi/index.js';
import type { Cpu, Register } from '../../cpu/index.js';
import type { VdsoImage } from '../../vdso/index.js';

const NUMBERS = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'] as const;
/** The registers that the caller of the entry finds as they were. */
const CALLERS = ['ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'] as const;
export type CallersRegister = (typeof CALLERS)[number];

export interface CallersFrame {
  readonly esp: number;
  readonly returnTo: number;
  readonly registers: Readonly<Record<CallersRegister, number>>;
}

/** Rows by offset from the image's begin; null where nothing is described. */
export type EntryRows = ReadonlyMap<number, Row | null>;

export function entryRows({ elf, base, vsyscall, vsyscallSize }: VdsoImage): EntryRows {
  const tables = readFileFrames(elf).tables.flatMap((table) => table.rows);
  const rows = new Map<number, Row | null>();
  for (let at = vsyscall; at < vsyscall + vsyscallSize; at++) {
    const found = tables.map((table) => rowAt(table, at + base)).find((row) => row !== undefined);
    rows.set(at, found ?? null);
  }
  return rows;
}

function general(cpu: Cpu, number: number): number {
  const name: Register | undefined = NUMBERS[number];
  return name === undefined ? 0 : cpu.get(name);
}

/** What is wrong with the frame that the row gives, in words; null when it is the caller's. */
export function checkFrame(cpu: Cpu, row: Row | null, caller: CallersFrame): string | null {
  if (row?.cfa === undefined) return 'nothing describes the frame';
  // No image describes its entry by an expression; one that did could not be judged by this.
  if (row.cfa.kind === 'expression') return null;
  const cfa = (general(cpu, row.cfa.register) + row.cfa.offset) >>> 0;
  if (cfa !== caller.esp) return `the CFA comes out as ${hex(cfa)}, it is ${hex(caller.esp)}`;
  const found = callersValue(cpu, row, DWARF_REGISTER.ra, cfa);
  if (found !== caller.returnTo)
    return `the return address comes out as ${hex(found)}, it is ${hex(caller.returnTo)}`;
  for (const name of CALLERS) {
    const value = callersValue(cpu, row, DWARF_REGISTER[name], cfa);
    if (value !== caller.registers[name])
      return `${name} comes out as ${hex(value)}, it is ${hex(caller.registers[name])}`;
  }
  return null;
}

function callersValue(cpu: Cpu, row: Row, register: number, cfa: number): number | null {
  const rule = row.registers.get(register);
  switch (rule?.kind) {
    case undefined:
    case 'same':
      return general(cpu, register);
    case 'offset':
      return cpu.readU32((cfa + rule.offset) >>> 0);
    case 'valOffset':
      return (cfa + rule.offset) >>> 0;
    case 'register':
      return general(cpu, rule.register);
    case 'undefined':
    case 'expression':
    case 'valExpression':
      return null;
  }
}

function hex(value: number | null): string {
  return value === null ? 'nothing' : `0x${value.toString(16)}`;
}

/** What the registers are that the caller must find again. */
export function callersRegisters(cpu: Cpu): CallersFrame['registers'] {
  return {
    ...{ ebx: cpu.get('ebx'), ecx: cpu.get('ecx'), edx: cpu.get('edx') },
    ...{ esi: cpu.get('esi'), edi: cpu.get('edi'), ebp: cpu.get('ebp') },
  };
}

/** Whether int $0x80, sysenter or syscall is the next instruction. */
export function entersKernel(cpu: Cpu, eip: number): boolean {
  const [first = 0, second = 0] = cpu.view(eip, 2) ?? [];
  return [0xcd80, 0x0f34, 0x0f05].includes((first << 8) | second);
}
