import { describe, expect, test } from 'vitest';
import { CpuError } from '../../src/cpu/index.js';
import { CODE, DATA, execute, machine, NOWHERE, RW, RWX, RX } from './machine.js';

const PAGE = 0x1000;
const bytes = (...b: number[]) => Uint8Array.from(b);

function codeOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof CpuError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

describe('host access', () => {
  test('reads back what was written, over page borders, whatever the protection', () => {
    const cpu = machine();
    cpu.protect(DATA, 2 * PAGE, 0);
    expect(cpu.write(DATA + PAGE - 2, bytes(1, 2, 3, 4))).toBe(true);
    expect(cpu.read(DATA + PAGE - 2, 4)).toEqual(bytes(1, 2, 3, 4));
    expect(cpu.readU32(DATA + PAGE - 2)).toBe(0x04030201);
    expect(cpu.writeU32(DATA + PAGE - 1, 0xfffefdfc)).toBe(true);
    expect(cpu.read(DATA + PAGE - 2, 6)).toEqual(bytes(1, 0xfc, 0xfd, 0xfe, 0xff, 0));
    expect(cpu.readU32(DATA + PAGE)).toBe(0x00fffefd);
  });

  test('is refused as a whole when any page is absent', () => {
    const cpu = machine();
    const end = DATA + 4 * PAGE;
    expect(cpu.write(end - 2, bytes(1, 2, 3))).toBe(false);
    expect(cpu.read(end - 2, 2)).toEqual(bytes(0, 0));
    expect([cpu.read(end - 2, 3), cpu.readU32(end), cpu.readU32(end - 2), cpu.view(end, 1)]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect([cpu.writeU32(end, 1), cpu.writeU32(end - 2, 1)]).toEqual([false, false]);
  });

  test('does not reach around the end of the address space, nor into the page of the GDT', () => {
    const cpu = machine();
    expect(cpu.read(0xfffffffe, 4)).toBeNull();
    expect(cpu.read(0xffffe000, 4)).toBeNull();
    expect(codeOf(() => cpu.map(0xffffe000, PAGE, RW))).toMatch(
      /^BAD_RANGE: map: the page 0xffffe000 is taken/,
    );
  });

  test('a view shares memory with the guest', () => {
    const cpu = machine();
    const view = cpu.view(DATA + 8, 4);
    cpu.writeU32(DATA + 8, 0x11223344);
    expect(view).toEqual(bytes(0x44, 0x33, 0x22, 0x11));
  });

  test('adjacent mappings are read and written as one', () => {
    const cpu = machine();
    cpu.map(DATA + 4 * PAGE, PAGE, RW);
    expect(cpu.write(DATA + 4 * PAGE - 2, bytes(1, 2, 3, 4))).toBe(true);
    expect(cpu.read(DATA + 4 * PAGE - 2, 4)).toEqual(bytes(1, 2, 3, 4));
    cpu.set('ebx', DATA + 4 * PAGE - 2);
    execute(cpu, [0x8b, 0x03, 0xcc]);
    expect(cpu.get('eax')).toBe(0x04030201);
  });
});

describe('mapping', () => {
  test('a new mapping is zero, also where another one was', () => {
    const cpu = machine();
    cpu.set('ebx', DATA);
    cpu.set('eax', 7);
    execute(cpu, [0x89, 0x03, 0xcc]);
    cpu.unmap(DATA, PAGE);
    expect(cpu.readU32(DATA)).toBeNull();
    cpu.map(DATA, PAGE, RW);
    expect(cpu.readU32(DATA)).toBe(0);
    expect(execute(cpu, [0x8b, 0x03, 0xcc])).toEqual({ kind: 'trap', vector: 3 });
    expect(cpu.get('eax')).toBe(0);
  });

  test('a hole in the middle faults as absent, its neighbours work', () => {
    const cpu = machine();
    cpu.unmap(DATA + PAGE, PAGE);
    cpu.set('ebx', DATA + PAGE);
    const stop = { kind: 'fault', access: 'read', address: DATA + PAGE, present: false };
    expect(execute(cpu, [0x8b, 0x03])).toEqual(stop);
    cpu.set('ebx', DATA + 2 * PAGE);
    expect(execute(cpu, [0x8b, 0x03, 0x89, 0x03, 0xcc])).toEqual({ kind: 'trap', vector: 3 });
  });

  test('a mapping may fill a hole and go on beyond old memory', () => {
    const cpu = machine();
    cpu.writeU32(DATA + 3 * PAGE, 5);
    cpu.unmap(DATA + 2 * PAGE, 2 * PAGE);
    cpu.map(DATA + 2 * PAGE, 5 * PAGE, RW);
    expect(cpu.read(DATA + 2 * PAGE, 5 * PAGE)).toEqual(new Uint8Array(5 * PAGE));
  });

  test('an occupied range, and one that is not whole pages, are refused with their address', () => {
    const cpu = machine();
    expect(codeOf(() => cpu.map(DATA - PAGE, 2 * PAGE, RW))).toBe(
      'BAD_RANGE: map: the page 0x08100000 is taken; unmap it first',
    );
    expect(codeOf(() => cpu.map(NOWHERE + 1, PAGE, RW))).toMatch(
      /^BAD_RANGE: 0x40000001 \+ 4096: not a range/,
    );
    expect(codeOf(() => cpu.unmap(NOWHERE, 100))).toMatch(/^BAD_RANGE/);
    expect(codeOf(() => cpu.protect(0xfffff000, 2 * PAGE, RW))).toMatch(/^BAD_RANGE/);
  });

  test('unmap and protect pass over pages that are absent', () => {
    const cpu = machine();
    cpu.map(NOWHERE + PAGE, PAGE, RW);
    cpu.protect(NOWHERE, 4 * PAGE, 1);
    expect(cpu.readU32(NOWHERE)).toBeNull();
    cpu.unmap(NOWHERE, 4 * PAGE);
    expect(cpu.readU32(NOWHERE + PAGE)).toBeNull();
  });

  test('protect takes effect on memory already stored to', () => {
    const cpu = machine();
    cpu.set('ebx', DATA);
    expect(execute(cpu, [0x89, 0x03, 0xcc])).toEqual({ kind: 'trap', vector: 3 });
    cpu.protect(DATA, PAGE, 1);
    expect(execute(cpu, [0x89, 0x03])).toEqual({
      kind: 'fault',
      access: 'write',
      address: DATA,
      present: true,
    });
    cpu.protect(DATA, PAGE, 3);
    expect(execute(cpu, [0x89, 0x03, 0xcc])).toEqual({ kind: 'trap', vector: 3 });
  });

  test.each([1, 3, 5, 7])(
    'taking all permissions from a page of protection %i that was read is noticed',
    (protection) => {
      const cpu = machine();
      cpu.map(NOWHERE, PAGE, protection);
      cpu.set('ebx', NOWHERE);
      expect(execute(cpu, [0x8b, 0x03, 0xcc])).toEqual({ kind: 'trap', vector: 3 });
      cpu.protect(NOWHERE, PAGE, 0);
      const stop = { kind: 'fault', access: 'read', address: NOWHERE };
      expect(execute(cpu, [0x8b, 0x03, 0xcc])).toEqual({ ...stop, present: true });
      cpu.protect(NOWHERE, PAGE, protection);
      expect(execute(cpu, [0x8b, 0x03, 0xcc])).toEqual({ kind: 'trap', vector: 3 });
      cpu.unmap(NOWHERE, PAGE);
      expect(execute(cpu, [0x8b, 0x03, 0xcc])).toEqual({ ...stop, present: false });
    },
  );

  test('a page without permissions stays closed however it is tried', () => {
    const cpu = machine();
    cpu.map(NOWHERE, PAGE, 0);
    cpu.set('ebx', NOWHERE);
    const fault = { kind: 'fault', address: NOWHERE, present: true };
    for (let round = 0; round < 3; round++) {
      expect(execute(cpu, [0x8b, 0x03, 0xcc])).toEqual({ ...fault, access: 'read' });
      expect(execute(cpu, [0xff, 0xe3])).toEqual({ ...fault, access: 'fetch' });
      expect(execute(cpu, [0x01, 0x03, 0xcc])).toEqual({ ...fault, access: 'read' });
      expect(execute(cpu, [0x89, 0x03, 0xcc])).toEqual({ ...fault, access: 'write' });
      expect(execute(cpu, [0xff, 0xe3], 1)).toEqual({ kind: 'limit' });
    }
  });

  test('PROT_WRITE or PROT_EXEC alone can be read, as on x86', () => {
    const cpu = machine();
    for (const protection of [2, 4]) {
      cpu.protect(DATA, PAGE, protection);
      cpu.set('ebx', DATA);
      expect(execute(cpu, [0x8b, 0x03, 0xcc])).toEqual({ kind: 'trap', vector: 3 });
    }
  });
});

describe('touched pages', () => {
  test('are those stored to, ascending; loading before the first snapshot does not count', () => {
    const cpu = machine();
    cpu.set('ebx', DATA + 3 * PAGE);
    execute(cpu, [0x89, 0x03, 0xbb, 0x00, 0x00, 0x10, 0x08, 0x89, 0x03, 0xcc]);
    expect(cpu.touchedPages()).toEqual([DATA, DATA + 3 * PAGE]);
    cpu.snapshot();
    cpu.write(CODE + PAGE, bytes(1));
    expect(cpu.touchedPages()).toEqual([CODE + PAGE, DATA, DATA + 3 * PAGE]);
  });

  test('come in growing runs where many are stored to', () => {
    const cpu = machine();
    cpu.map(NOWHERE, 512 * PAGE, RW);
    cpu.set('ebx', NOWHERE);
    cpu.set('ecx', 400);
    // 1: movl %ebx,(%ebx); add $4096,%ebx; loop 1b; int3
    expect(execute(cpu, [0x89, 0x1b, 0x81, 0xc3, 0, 0x10, 0, 0, 0xe2, 0xf6, 0xcc], 10_000)).toEqual({
      kind: 'trap',
      vector: 3,
    });
    const touched = cpu.touchedPages().length;
    expect(touched).toBeGreaterThanOrEqual(400);
    expect(touched).toBeLessThan(512);
    expect(cpu.readU32(NOWHERE + 399 * PAGE)).toBe(NOWHERE + 399 * PAGE);
  });
});

describe('changed code is what runs', () => {
  const incrementing = [0x40, 0x40, 0xcc];

  test('written by the host', () => {
    const cpu = machine();
    execute(cpu, incrementing);
    cpu.set('eax', 10);
    execute(cpu, [0x48, 0x48, 0xcc]);
    expect(cpu.get('eax')).toBe(8);
  });

  test('written by the guest into another page that is writable and executable', () => {
    const cpu = machine();
    cpu.protect(DATA, PAGE, RWX);
    cpu.write(DATA, bytes(0x40, 0xc3));
    // call DATA; movb $0x48,DATA (dec); call DATA; call DATA; int3
    const call = (from: number) => {
      const distance = DATA - (CODE + from + 5);
      return [
        0xe8,
        distance & 0xff,
        (distance >> 8) & 0xff,
        (distance >> 16) & 0xff,
        (distance >> 24) & 0xff,
      ];
    };
    const code = [...call(0), 0xc6, 0x05, 0, 0, 0x10, 0x08, 0x48, ...call(12), ...call(17), 0xcc];
    cpu.set('eax', 10);
    expect(execute(cpu, code)).toEqual({ kind: 'trap', vector: 3 });
    expect(cpu.get('eax')).toBe(9);
  });

  test('written by an instruction into the very next one, a page of its own', () => {
    const cpu = machine();
    cpu.protect(CODE, PAGE, RWX);
    cpu.set('eax', 10);
    // movb $0x48,CODE+7; (inc, becomes dec); inc; int3
    const code = [0xc6, 0x05, 0x07, 0x80, 0x04, 0x08, 0x48, 0x40, 0x40, 0xcc];
    expect(execute(cpu, code)).toEqual({ kind: 'trap', vector: 3 });
    expect(cpu.get('eax')).toBe(10);
    cpu.set('eax', 10);
    expect(execute(cpu, code, 2)).toEqual({ kind: 'limit' });
    expect([cpu.get('eax'), cpu.get('eip')]).toEqual([9, CODE + 8]);
  });

  test('a read-modify-write of the own page happens once', () => {
    const cpu = machine();
    cpu.protect(CODE, PAGE, RWX);
    // incb CODE+6 (0x3f becomes 0x40, inc %eax); int3 follows
    expect(execute(cpu, [0xfe, 0x05, 0x06, 0x80, 0x04, 0x08, 0x3f, 0xcc])).toEqual({
      kind: 'trap',
      vector: 3,
    });
    expect([cpu.get('eax'), cpu.read(CODE + 6, 1)]).toEqual([1, bytes(0x40)]);
  });

  test('a page that lost PROT_EXEC is not executed from memory of its translation', () => {
    const cpu = machine();
    execute(cpu, incrementing);
    cpu.protect(CODE, PAGE, RW);
    cpu.set('eip', CODE);
    expect(cpu.run(5)).toEqual({ kind: 'fault', access: 'fetch', address: CODE, present: true });
    cpu.set('ebx', CODE);
    cpu.write(CODE, bytes(0x48));
    cpu.protect(CODE, PAGE, RX);
    cpu.set('eax', 10);
    expect(cpu.run(1)).toEqual({ kind: 'limit' });
    expect(cpu.get('eax')).toBe(9);
  });

  test('restored by a snapshot', () => {
    const cpu = machine();
    cpu.protect(CODE, PAGE, RWX);
    cpu.write(CODE, Uint8Array.from(incrementing));
    cpu.set('eip', CODE);
    const snapshot = cpu.snapshot();
    execute(cpu, [0x48, 0x48, 0xcc]);
    cpu.restore(snapshot);
    cpu.set('eax', 10);
    cpu.run(10);
    expect(cpu.get('eax')).toBe(12);
  });
});
