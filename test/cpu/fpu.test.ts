// The kept FXSAVE image is given out only while it is what FXSAVE would store now.
import { describe, expect, it } from 'vitest';
import { AMD64_SEGMENTS, Cpu } from '../../src/cpu/index.js';

const CODE = 0x10000;
const DATA = 0x20000;
const AREA = 0x21000;

/** Each changes another part of the state; all start with the data's address in EAX. */
const STEPS = {
  'x87 push': [0xd9, 0xe8], // fld1
  'x87 load': [0xd9, 0x00], // flds (%eax)
  'x87 pop': [0xdd, 0xd8], // fstp %st(0)
  'control word': [0xd9, 0x28], // fldcw (%eax)
  'status word': [0xd8, 0xd1], // fcom %st(1)
  'mmx register': [0x0f, 0x6e, 0xd8], // movd %eax,%mm3
  'xmm register': [0x0f, 0x10, 0x38], // movups (%eax),%xmm7
  'one lane of an xmm register': [0xf3, 0x0f, 0x10, 0x00], // movss (%eax),%xmm0
  mxcsr: [0x0f, 0xae, 0x50, 0x10], // ldmxcsr 0x10(%eax)
} as const;

function machine(): Cpu {
  const cpu = Cpu.create(AMD64_SEGMENTS);
  cpu.map(CODE, 4096, 5);
  cpu.map(DATA, 8192, 3);
  cpu.write(
    DATA,
    Uint8Array.from({ length: 64 }, (_, i) => (i < 16 ? 0x3f + i * 7 : 0)),
  );
  cpu.writeU32(DATA + 16, 0x3f80);
  return cpu;
}

function execute(cpu: Cpu, at: number, code: readonly number[], address: number): void {
  cpu.write(at, Uint8Array.from(code));
  cpu.set('eip', at);
  cpu.set('eax', address);
  expect(cpu.run(1)).toEqual({ kind: 'limit' });
}

/** What the guest's own fxsave stores. */
function guestImage(cpu: Cpu, at: number): Uint8Array {
  execute(cpu, at, [0x0f, 0xae, 0x00], AREA);
  return cpu.read(AREA, 416) ?? new Uint8Array(0);
}

describe('the FPU image', () => {
  it.each(Object.entries(STEPS))('follows a change by: %s', (_, code) => {
    const cpu = machine();
    cpu.fxsave();
    execute(cpu, CODE, code, DATA);
    const kept = cpu.fxsave().subarray(0, 416);
    expect(kept).toEqual(guestImage(cpu, CODE + 64));
    expect(cpu.fxsave().subarray(0, 416)).toEqual(kept);
    cpu.close();
  });

  it('follows a restored context, a reset and a loaded image', () => {
    const cpu = machine();
    const fresh = cpu.fxsave();
    const context = cpu.newContext();
    execute(cpu, CODE, STEPS['xmm register'], DATA);
    const changed = cpu.fxsave();
    expect(changed).not.toEqual(fresh);
    cpu.loadContext(context);
    expect(cpu.fxsave()).toEqual(fresh);
    cpu.fxrstor(changed);
    expect(cpu.fxsave()).toEqual(changed);
    cpu.resetFpu();
    expect(cpu.fxsave()).toEqual(fresh);
    cpu.close();
  });

  it('is never changed: what was saved stays what it was', () => {
    const cpu = machine();
    const fresh = cpu.fxsave();
    const copy = Uint8Array.from(fresh);
    cpu.fxrstor(Uint8Array.from(fresh).fill(0x11, 32, 48));
    expect(cpu.fxsave()[32]).toBe(0x11);
    expect(Uint8Array.from(fresh)).toEqual(copy);
    cpu.close();
  });
});
