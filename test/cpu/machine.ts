/** A CPU with a code page, a data page and a stack, and shorthands to run bytes on it. */
import { onTestFinished } from 'vitest';
import {
  AMD64_SEGMENTS,
  Cpu,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
  type Register,
  type Stop,
} from '../../src/cpu/index.js';

export const CODE = 0x08048000;
export const DATA = 0x08100000;
export const STACK_TOP = 0xbf800000;
/** Nothing is mapped there. */
export const NOWHERE = 0x40000000;

export const RX = PROT_READ | PROT_EXEC;
export const RW = PROT_READ | PROT_WRITE;
export const RWX = RW | PROT_EXEC;

/** Closed when the test is over. */
export function machine(): Cpu {
  const cpu = Cpu.create(AMD64_SEGMENTS);
  onTestFinished(() => cpu.close());
  cpu.map(CODE, 0x2000, RX);
  cpu.map(DATA, 0x4000, RW);
  cpu.map(STACK_TOP - 0x10000, 0x10000, RW);
  cpu.set('esp', STACK_TOP - 0x100);
  return cpu;
}

/** Writes the bytes at `at`, sets EIP there and runs. */
export function execute(cpu: Cpu, bytes: readonly number[], count = 1000, at = CODE): Stop {
  cpu.write(at, Uint8Array.from(bytes));
  cpu.set('eip', at);
  return cpu.run(count);
}

const ALL: readonly Register[] = ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp', 'esp', 'eip'];

export function registers(cpu: Cpu): Record<string, number> {
  return Object.fromEntries([...ALL.map((r) => [r, cpu.get(r)]), ['eflags', cpu.getEflags()]]);
}
