/**
 * The first store to a page is refused by the engine and repeated. Every kind of storing instruction must end
 * with the same registers, flags, FPU and memory as one whose page had been stored to before.
 */
import { describe, expect, test } from 'vitest';
import type { Cpu } from '../../src/cpu/index.js';
import { CODE, DATA, execute, machine, registers } from './machine.js';

const AT = DATA + 0x1000;

/** EBX points into an untouched page, EDI too, ESP as well where the instruction pushes; ESI to other data. */
const STORES: readonly [string, readonly number[]][] = [
  ['mov', [0x89, 0x03]],
  ['add', [0x01, 0x03]],
  ['xchg', [0x87, 0x03]],
  ['xadd', [0x0f, 0xc1, 0x03]],
  ['lock xadd', [0xf0, 0x0f, 0xc1, 0x03]],
  ['lock inc', [0xf0, 0xff, 0x03]],
  ['lock bts', [0xf0, 0x0f, 0xab, 0x03]],
  ['lock cmpxchg, equal', [0x31, 0xc0, 0xf0, 0x0f, 0xb1, 0x0b]],
  ['cmpxchg, different', [0x0f, 0xb1, 0x0b]],
  ['cmpxchg8b, equal', [0x31, 0xc0, 0x31, 0xd2, 0x0f, 0xc7, 0x0b]],
  ['lock cmpxchg8b, equal', [0x31, 0xc0, 0x31, 0xd2, 0xf0, 0x0f, 0xc7, 0x0b]],
  ['lock cmpxchg8b, different', [0xf0, 0x0f, 0xc7, 0x0b]],
  ['setz', [0x0f, 0x94, 0x03]],
  ['push', [0x89, 0xdc, 0x50]],
  ['pusha', [0x89, 0xdc, 0x60]],
  ['pushf', [0x89, 0xdc, 0x9c]],
  ['push %ds', [0x89, 0xdc, 0x1e]],
  ['call', [0x89, 0xdc, 0xe8, 0x00, 0x00, 0x00, 0x00]],
  ['enter', [0x89, 0xdc, 0xc8, 0x08, 0x00, 0x00]],
  ['enter, level 2', [0x89, 0xdc, 0x89, 0xdd, 0xc8, 0x08, 0x00, 0x02]],
  ['pop to memory', [0x8f, 0x03]],
  ['stosl', [0xab]],
  ['rep stosb', [0xb9, 0x10, 0x00, 0x00, 0x00, 0xf3, 0xaa]],
  ['rep movsl', [0xb9, 0x04, 0x00, 0x00, 0x00, 0xf3, 0xa5]],
  ['movsb', [0xa4]],
  ['fstps', [0xd9, 0xe8, 0xd9, 0x1b]],
  ['fstpl', [0xd9, 0xeb, 0xdd, 0x1b]],
  ['fstpt', [0xd9, 0xeb, 0xdb, 0x3b]],
  ['fstpt with SIB and displacement', [0xd9, 0xeb, 0x31, 0xc0, 0xdb, 0x7c, 0x43, 0x10]],
  ['fistpll', [0xd9, 0xeb, 0xdf, 0x3b]],
  ['fnstcw', [0xd9, 0x3b]],
  ['fnstsw', [0xdd, 0x3b]],
  ['fnstenv', [0xd9, 0xe8, 0xd9, 0x33]],
  ['fxsave', [0xd9, 0xe8, 0x0f, 0xae, 0x03]],
  ['stmxcsr', [0x0f, 0xae, 0x1b]],
  ['movups', [0x0f, 0x11, 0x03]],
  ['movaps', [0x0f, 0x29, 0x03]],
  ['movq from MMX', [0x0f, 0x7f, 0x03]],
  ['movntps', [0x0f, 0x2b, 0x03]],
  ['maskmovdqu', [0x66, 0x0f, 0x76, 0xc0, 0x66, 0x0f, 0xf7, 0xc0]],
  ['maskmovq', [0x0f, 0x76, 0xc0, 0x0f, 0xf7, 0xc0]],
  ['sgdt', [0x0f, 0x01, 0x03]],
  ['sidt', [0x0f, 0x01, 0x0b]],
  ['btc by register', [0x0f, 0xbb, 0x03]],
  ['shld', [0x0f, 0xa4, 0x13, 0x04]],
  ['rcl', [0xd1, 0x13]],
  ['not', [0xf7, 0x13]],
];

function outcome(bytes: readonly number[], touchedBefore: boolean, at: number, count: number) {
  const cpu = machine();
  prepare(cpu, at);
  if (touchedBefore) {
    for (const page of [AT - 0x1000, AT, AT + 0x1000]) {
      cpu.set('ebx', page);
      execute(cpu, [0xc6, 0x03, 0x00], 1, CODE + 0x800);
    }
  }
  prepare(cpu, at);
  const stop = execute(cpu, [...bytes, 0x90, 0x90, 0xcc], count);
  return {
    stop,
    registers: registers(cpu),
    memory: text(cpu.read(AT - 0x1000, 0x3000)),
    fpu: text(cpu.fxsave().subarray(0, 288)),
  };
}

/** Compared as one string: element by element is slow. */
function text(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString('hex');
}

function prepare(cpu: Cpu, at: number): void {
  cpu.setEflags(0x202);
  cpu.set('eax', 0x11223344);
  cpu.set('ecx', 0x55667788);
  cpu.set('edx', 0x99aabbcc);
  cpu.set('ebp', 0x01020304);
  cpu.set('ebx', at);
  cpu.set('edi', at);
  cpu.set('esi', CODE);
}

describe('the first store to a page leaves what any later one does', () => {
  test.each(STORES)('%s', (_name, bytes) => {
    expect(outcome(bytes, false, AT + 0x100, 1000)).toEqual(outcome(bytes, true, AT + 0x100, 1000));
  });

  test.each(STORES.filter(([name]) => name !== 'movaps' && name !== 'movntps'))(
    '%s, over a page border',
    (_name, bytes) => {
      const at = AT + (bytes[1] === 0xdc ? 2 : -2);
      expect(outcome(bytes, false, at, 1000)).toEqual(outcome(bytes, true, at, 1000));
    },
  );

  test.each(STORES)('%s, as the last instruction of a counted run', (_name, bytes) => {
    for (const count of [1, 2, 3]) {
      expect(outcome(bytes, false, AT + 0x100, count)).toEqual(outcome(bytes, true, AT + 0x100, count));
    }
  });
});

describe('what cannot be resumed is refused loudly', () => {
  test('fnsave as the first store to a page: its effect on the FPU cannot be undone', () => {
    const cpu = machine();
    cpu.set('ebx', AT);
    expect(() => execute(cpu, [0xdd, 0x33, 0x90])).toThrow(/fnsave .* store something there before/);
  });

  test.each([
    ['add', [0x01, 0x03]],
    ['lock xadd', [0xf0, 0x0f, 0xc1, 0x03]],
    ['bts by a register', [0x0f, 0xab, 0x03]],
  ])('%s over a page border of which one page was stored to and the other was not', (_name, bytes) => {
    for (const page of [AT, AT - 0x1000]) {
      const cpu = machine();
      cpu.set('ebx', page);
      execute(cpu, [0xc6, 0x03, 0x00], 1, CODE + 0x800);
      prepare(cpu, AT - 2);
      cpu.set('eax', 1);
      expect(() => execute(cpu, bytes)).toThrow(/over the page border at 0x08101000/);
    }
  });

  test('a plain store there is no problem', () => {
    for (const page of [AT, AT - 0x1000]) {
      const cpu = machine();
      cpu.set('ebx', page);
      execute(cpu, [0xc6, 0x03, 0x00], 1, CODE + 0x800);
      prepare(cpu, AT - 2);
      expect(execute(cpu, [0x89, 0x03, 0xcc]).kind).toBe('trap');
      expect(cpu.readU32(AT - 2)).toBe(0x11223344);
    }
  });
});
