import { describe, expect, test } from 'vitest';
import { CODE, DATA, execute, machine, NOWHERE, RW, STACK_TOP } from './machine.js';

const le32 = (v: number) => [v & 0xff, (v >>> 8) & 0xff, (v >>> 16) & 0xff, v >>> 24];
const movEbx = (v: number) => [0xbb, ...le32(v)];

describe('a stop says what happened, with EIP exact', () => {
  const nop = 0x90;
  test.each([
    ['int $0x80 is a trap, EIP after it', [nop, 0xcd, 0x80, nop], { kind: 'trap', vector: 0x80 }, 3],
    ['int $0x21 is a trap with its vector', [nop, 0xcd, 0x21, nop], { kind: 'trap', vector: 0x21 }, 3],
    ['int3 is trap 3, EIP after it', [nop, 0xcc, nop], { kind: 'trap', vector: 3 }, 2],
    ['into with OF set is trap 4', [0xb0, 0x7f, 0x04, 0x01, 0xce], { kind: 'trap', vector: 4 }, 5],
    ['sysenter stops after itself', [nop, 0x0f, 0x34, nop], { kind: 'sysenter' }, 3],
    ['syscall stops after itself', [nop, 0x0f, 0x05, nop], { kind: 'syscall' }, 3],
    ['ud2 stops at itself', [nop, 0x0f, 0x0b], { kind: 'invalid-opcode' }, 1],
    ['lock on a register operand is #UD', [nop, 0xf0, 0x01, 0xc0], { kind: 'invalid-opcode' }, 1],
    ['rdrand is #UD: no randomness', [nop, 0x0f, 0xc7, 0xf0], { kind: 'invalid-opcode' }, 1],
    ['division by zero is exception 0', [0x31, 0xc9, 0xf7, 0xf1], { kind: 'exception', vector: 0 }, 2],
    ['hlt is #GP in ring 3', [nop, 0xf4], { kind: 'exception', vector: 13 }, 1],
    ['cli is #GP in ring 3', [nop, 0xfa], { kind: 'exception', vector: 13 }, 1],
    ['a bad selector is #GP', [0x66, 0xb8, 0xff, 0xff, 0x8e, 0xe8], { kind: 'exception', vector: 13 }, 4],
  ] as const)('%s', (_name, bytes, stop, offset) => {
    const cpu = machine();
    expect(execute(cpu, bytes)).toEqual(stop);
    expect(cpu.get('eip')).toBe(CODE + offset);
  });

  test('bound out of range is exception 5, at itself', () => {
    const cpu = machine();
    cpu.writeU32(DATA, 1);
    cpu.writeU32(DATA + 4, 2);
    expect(execute(cpu, [...movEbx(DATA), 0x31, 0xc0, 0x62, 0x03])).toEqual({ kind: 'exception', vector: 5 });
    expect(cpu.get('eip')).toBe(CODE + 7);
  });

  test('an unmasked x87 error is exception 16', () => {
    const cpu = machine();
    // fnstcw; clear the mask of division by zero; fldcw; fld1; fldz; fdivrp; fwait
    const code = [
      ...movEbx(DATA),
      0xd9,
      0x3b,
      0x80,
      0x23,
      0xfb,
      0xd9,
      0x2b,
      0xd9,
      0xe8,
      0xd9,
      0xee,
      0xde,
      0xf9,
      0x9b,
    ];
    expect(execute(cpu, code)).toEqual({ kind: 'exception', vector: 16 });
  });

  test('errors in a row are each reported, and never become a double fault', () => {
    const cpu = machine();
    for (let i = 0; i < 5; i++) {
      expect(execute(cpu, [0xf4])).toEqual({ kind: 'exception', vector: 13 });
      expect(execute(cpu, [0x31, 0xc9, 0xf7, 0xf1], 10, CODE + 0x100)).toEqual({
        kind: 'exception',
        vector: 0,
      });
    }
  });

  test('TF stops after each instruction', () => {
    const cpu = machine();
    cpu.setEflags(0x302);
    expect(execute(cpu, [0x40, 0x40, 0x40])).toEqual({ kind: 'single-step' });
    expect(cpu.get('eip')).toBe(CODE + 1);
    expect(cpu.run(10)).toEqual({ kind: 'single-step' });
    expect(cpu.get('eax')).toBe(2);
  });
});

describe('memory faults', () => {
  test.each([
    ['load from an absent page', [0x8b, 0x03], NOWHERE + 5, 'read', false],
    ['store to an absent page', [0x89, 0x03], NOWHERE + 5, 'write', false],
    ['store to a read-only page', [0x89, 0x03], CODE + 0x800, 'write', true],
  ] as const)('%s: address, access, and EIP at the instruction', (_name, op, address, access, present) => {
    const cpu = machine();
    expect(execute(cpu, [...movEbx(address), 0x90, ...op])).toEqual({
      kind: 'fault',
      access,
      address,
      present,
    });
    expect(cpu.get('eip')).toBe(CODE + 6);
  });

  test('PROT_NONE is present and refuses reading and writing', () => {
    const cpu = machine();
    cpu.protect(DATA, 0x1000, 0);
    const at = { kind: 'fault', address: DATA, present: true };
    expect(execute(cpu, [...movEbx(DATA), 0x8b, 0x03])).toEqual({ ...at, access: 'read' });
    expect(execute(cpu, [0x89, 0x03], 5, CODE + 0x100)).toEqual({ ...at, access: 'write' });
  });

  test('a jump to an absent page is a fetch fault at the target', () => {
    const cpu = machine();
    const stop = { kind: 'fault', access: 'fetch', address: NOWHERE, present: false };
    expect(execute(cpu, [...movEbx(NOWHERE), 0xff, 0xe3])).toEqual(stop);
    expect(cpu.get('eip')).toBe(NOWHERE);
  });

  test('a jump to a page without PROT_EXEC is a fetch fault with the page present', () => {
    const cpu = machine();
    const stop = { kind: 'fault', access: 'fetch', address: DATA + 4, present: true };
    expect(execute(cpu, [...movEbx(DATA + 4), 0xff, 0xe3])).toEqual(stop);
  });

  test('a jump to 0 is a fetch fault at 0, also when the count ends there', () => {
    const cpu = machine();
    const stop = { kind: 'fault', access: 'fetch', address: 0, present: false };
    expect(execute(cpu, [0x31, 0xc0, 0xff, 0xe0])).toEqual(stop);
    expect(execute(cpu, [0x31, 0xc0, 0xff, 0xe0], 2)).toEqual({ kind: 'limit' });
    expect(cpu.get('eip')).toBe(0);
    expect(cpu.run(1)).toEqual(stop);
  });

  test('the return address of a call into nowhere has been pushed', () => {
    const cpu = machine();
    execute(cpu, [...movEbx(NOWHERE), 0xff, 0xd3]);
    expect(cpu.get('esp')).toBe(STACK_TOP - 0x104);
    expect(cpu.readU32(STACK_TOP - 0x104)).toBe(CODE + 7);
  });

  test('a push below the stack faults and leaves ESP as it was', () => {
    const cpu = machine();
    cpu.set('esp', STACK_TOP - 0x10000);
    const stop = { kind: 'fault', access: 'write', address: STACK_TOP - 0x10004, present: false };
    expect(execute(cpu, [0x50])).toEqual(stop);
    expect(cpu.get('esp')).toBe(STACK_TOP - 0x10000);
  });
});

describe('code at the end of its mapping', () => {
  const END = CODE + 0x2000;
  const fetch = { kind: 'fault', access: 'fetch', address: END, present: false };

  test('the instructions before the end are executed, then the fetch faults', () => {
    const cpu = machine();
    expect(execute(cpu, [0x40, 0x40, 0x40, 0x40], 100, END - 4)).toEqual(fetch);
    expect(cpu.get('eax')).toBe(4);
    expect(cpu.get('eip')).toBe(END);
  });

  test('an instruction reaching over the end faults at itself, with the address of the next page', () => {
    const cpu = machine();
    expect(execute(cpu, [0x40, 0x40, 0xb8, 0x01], 100, END - 4)).toEqual(fetch);
    expect(cpu.get('eax')).toBe(2);
    expect(cpu.get('eip')).toBe(END - 2);
  });

  test('a trap as the last instruction is a trap', () => {
    const cpu = machine();
    expect(execute(cpu, [0x40, 0x40, 0xcd, 0x80], 100, END - 4)).toEqual({ kind: 'trap', vector: 0x80 });
  });

  test('the same holds when the next page is mapped without PROT_EXEC', () => {
    const cpu = machine();
    cpu.map(END, 0x1000, RW);
    expect(execute(cpu, [0x40, 0x40], 100, END - 2)).toEqual({ ...fetch, present: true });
    expect(cpu.get('eax')).toBe(2);
  });

  test('counting is exact there', () => {
    const cpu = machine();
    expect(execute(cpu, [0x40, 0x40, 0x40, 0x40], 3, END - 4)).toEqual({ kind: 'limit' });
    expect(cpu.get('eip')).toBe(END - 1);
    expect(cpu.run(1)).toEqual({ kind: 'limit' });
    expect(cpu.get('eax')).toBe(4);
    expect(cpu.run(1)).toEqual(fetch);
  });
});

describe('the limit', () => {
  test('counts instructions exactly, whether or not pages are touched for the first time', () => {
    const cpu = machine();
    // 1: add $0x1000,%ebx ; mov %eax,(%ebx) ; inc %eax ; jmp 1b
    const loop = [0x81, 0xc3, 0x00, 0x10, 0x00, 0x00, 0x89, 0x03, 0x40, 0xeb, 0xf5];
    const once = (count: number) => {
      cpu.set('ebx', DATA - 0x1000);
      cpu.set('eax', 0);
      expect(execute(cpu, loop, count)).toEqual({ kind: 'limit' });
      return [cpu.get('eip'), cpu.get('eax'), cpu.get('ebx')];
    };
    const first = once(14);
    expect(first).toEqual([CODE + 8, 3, DATA + 0x3000]);
    expect(once(14)).toEqual(first);
  });

  test('each iteration of rep counts as one', () => {
    const cpu = machine();
    cpu.set('ecx', 10);
    cpu.set('edi', DATA);
    expect(execute(cpu, [0xf3, 0xaa], 4)).toEqual({ kind: 'limit' });
    expect([cpu.get('ecx'), cpu.get('eip')]).toEqual([6, CODE]);
  });

  test('a count of 0 is refused', () => {
    expect(() => machine().run(0)).toThrow(/count must be positive/);
  });
});

test('rdtsc is deterministic and part of the snapshot', () => {
  const cpu = machine();
  const snapshot = cpu.snapshot();
  expect(execute(cpu, [0x0f, 0x31, 0x89, 0xc3, 0x0f, 0x01, 0xf9, 0xcc])).toEqual({ kind: 'trap', vector: 3 });
  const seen = [cpu.get('ebx'), cpu.get('eax')];
  expect(seen[1]).toBeGreaterThan(seen[0] ?? 0);
  cpu.restore(snapshot);
  execute(cpu, [0x0f, 0x31, 0x89, 0xc3, 0x0f, 0x01, 0xf9, 0xcc]);
  expect([cpu.get('ebx'), cpu.get('eax')]).toEqual(seen);
});
