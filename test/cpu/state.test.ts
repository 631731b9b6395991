import { describe, expect, test } from 'vitest';
import { AMD64_SEGMENTS, Cpu, I386_SEGMENTS } from '../../src/cpu/index.js';
import { DATA, execute, machine } from './machine.js';

describe('a new CPU', () => {
  test.each([
    ['amd64', AMD64_SEGMENTS, 0x23, 0x2b],
    ['i386', I386_SEGMENTS, 0x73, 0x7b],
  ])('has the selectors of a task under %s, and a fresh FPU', (_name, segments, code, data) => {
    const cpu = Cpu.create(segments);
    const selectors = (['cs', 'ds', 'es', 'ss', 'fs', 'gs'] as const).map((name) => cpu.getSegment(name));
    expect(selectors).toEqual([code, data, data, data, 0, 0]);
    expect(cpu.getEflags()).toBe(0x202);
    const image = cpu.fxsave();
    const fpu = new DataView(image.buffer, image.byteOffset);
    expect([
      fpu.getUint16(0, true),
      fpu.getUint16(2, true),
      fpu.getUint8(4),
      fpu.getUint32(24, true),
    ]).toEqual([0x37f, 0, 0, 0x1f80]);
    expect(cpu.touchedPages()).toEqual([]);
    cpu.close();
  });

  test('values of registers are u32', () => {
    const cpu = machine();
    cpu.set('eax', -1);
    expect(cpu.get('eax')).toBe(0xffffffff);
    cpu.set('eip', 0x1_0000_0004);
    expect(cpu.get('eip')).toBe(4);
  });

  test('closing twice does no harm', () => {
    const cpu = Cpu.create(AMD64_SEGMENTS);
    cpu.close();
    expect(() => cpu.close()).not.toThrow();
  });
});

describe('segments', () => {
  const load = [0x65, 0x8b, 0x03, 0xcc]; // mov %gs:(%ebx),%eax; int3

  test('a TLS descriptor gives GS its base; a later change shows only when it is loaded again', () => {
    const cpu = machine();
    cpu.writeU32(DATA + 0x10, 0x1111);
    cpu.writeU32(DATA + 0x110, 0x2222);
    cpu.set('ebx', 0x10);
    cpu.setTlsEntry(0, 0x0000ffff, 0x08cff310);
    expect(cpu.setSegment('gs', 0x63)).toBe(true);
    execute(cpu, load);
    expect(cpu.get('eax')).toBe(0x1111);
    cpu.setTlsEntry(0, 0x0100ffff, 0x08cff310);
    execute(cpu, load);
    expect(cpu.get('eax')).toBe(0x1111);
    cpu.setSegment('gs', 0x63);
    execute(cpu, load);
    expect(cpu.get('eax')).toBe(0x2222);
  });

  test('a bad selector is refused and changes nothing, and other registers are left alone', () => {
    const cpu = machine();
    cpu.set('eax', 5);
    cpu.set('eip', 77);
    for (const selector of [0x63, 0xffff, 0x08, 0xe3, 0x83])
      expect(cpu.setSegment('gs', selector)).toBe(false);
    expect(cpu.setSegment('ss', 0)).toBe(false);
    // The CPU's number: to be read, so not for a stack.
    expect(cpu.setSegment('ss', 0x7b)).toBe(false);
    expect(cpu.setSegment('cs', 0x33)).toBe(false);
    expect(cpu.setSegment('cs', 0x23)).toBe(true);
    expect([cpu.getSegment('gs'), cpu.getSegment('ss'), cpu.get('eax'), cpu.get('eip')]).toEqual([
      0, 0x2b, 5, 77,
    ]);
    expect(cpu.setSegment('gs', 0x7b)).toBe(true);
  });

  test('known limit: a null selector acts as a base of 0 instead of raising #GP', () => {
    const cpu = machine();
    cpu.set('ebx', 0x10);
    expect(execute(cpu, load)).toEqual({ kind: 'fault', access: 'read', address: 0x10, present: false });
  });

  test('loading with TF set works as without', () => {
    const cpu = machine();
    cpu.setEflags(0x302);
    expect(cpu.setSegment('es', 0x2b)).toBe(true);
    expect(cpu.getEflags()).toBe(0x302);
  });
});

describe('EFLAGS', () => {
  test.each([0x202, 0xad7, 0x302, 0x602, 0x4202, 0x40202, 0x200202, 0x10202])(
    '%s is kept as written',
    (value) => {
      const cpu = machine();
      cpu.setEflags(value);
      expect(cpu.getEflags()).toBe(value);
    },
  );

  test('are those of the last instruction', () => {
    const cpu = machine();
    execute(cpu, [0x31, 0xc0, 0xcc]);
    expect(cpu.getEflags() & 0x8d5).toBe(0x44);
    cpu.setEflags(0x203);
    execute(cpu, [0x0f, 0x92, 0xc0, 0xcc]); // setb %al
    expect(cpu.get('eax')).toBe(1);
  });

  test('DF set by the host directs string instructions', () => {
    const cpu = machine();
    cpu.setEflags(0x602);
    cpu.set('edi', DATA + 8);
    execute(cpu, [0xaa, 0xcc]);
    expect(cpu.get('edi')).toBe(DATA + 7);
  });
});

test('an FXSAVE image goes in and comes out', () => {
  const cpu = machine();
  execute(cpu, [0xd9, 0xeb, 0xd9, 0xe8, 0x66, 0x0f, 0x76, 0xc9, 0xcc]);
  const image = cpu.fxsave();
  cpu.resetFpu();
  expect(cpu.fxsave()).not.toEqual(image);
  cpu.fxrstor(image);
  expect(cpu.fxsave()).toEqual(image);
});
