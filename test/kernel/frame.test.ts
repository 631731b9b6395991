// Signal frames: where they go and what is at which offset (LINUX.md, "Signal frames").
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { killInfo } from '../../src/kernel/siginfo.js';
import { allocateFpstate } from '../../src/kernel/signal/fpstate.js';
import { onAltStack, placeFrame, setupFrame } from '../../src/kernel/signal/frame.js';
import { signalSet } from '../../src/kernel/sigset.js';
import type { SigAction } from '../../src/kernel/state.js';
import { firstTask, MEMORY_END, MEMORY_START, makeKernel } from './helpers.js';

const SA_SIGINFO = 4;
const SA_RESTORER = 0x04000000;
const SA_ONSTACK = 0x08000000;

const action = (flags: number): SigAction => ({
  handler: 0x8049000,
  flags,
  mask: signalSet(0, 0),
  restorer: 0x8049100,
});

const REGISTERS = {
  ...{ eax: 1, ebx: 2, ecx: 3, edx: 4, esi: 5, edi: 6, ebp: 7, eip: 0x8048123, esp: MEMORY_END - 100 },
} as const;
const MASK = signalSet(0x11223344, 0x55667788);

/** Builds a frame and gives a reader of its words. */
function build(flags: number, flavour: 'amd64' | 'i386' = 'amd64') {
  const kernel = makeKernel(1, flavour);
  const task = firstTask(kernel);
  const { machine } = kernel;
  for (const [name, value] of Object.entries(REGISTERS)) {
    if (name in machine.registers) machine.set(name as keyof typeof REGISTERS, value);
  }
  machine.eflags = 0x10747;
  machine.fpu = Uint8Array.from({ length: 512 }, (_, i) => i & 0xff);
  task.lastTrap = { number: 14, error: 7, cr2: 0xdead };
  task.altStack = { sp: 0x20, size: 0x30, flags: 0 };
  const frame = setupFrame(kernel, task, action(flags), killInfo(10, -6, 99), MASK);
  if (frame === null) throw new Error('no frame');
  const word = (offset: number) => machine.readU32(frame + offset);
  return { kernel, task, frame, word, bytes: (at: number, n: number) => machine.read(frame + at, n) };
}

/** Offsets of struct sigcontext. */
const CONTEXT = [
  ...['gs', 'fs', 'es', 'ds', 'edi', 'esi', 'ebp', 'esp', 'ebx', 'edx', 'ecx', 'eax'],
  ...['trapno', 'err', 'eip', 'cs', 'eflags', 'esp_at_signal', 'ss', 'fpstate', 'oldmask', 'cr2'],
];

function context(word: (offset: number) => number | null, at: number) {
  return Object.fromEntries(CONTEXT.map((name, i) => [name, word(at + 4 * i)]));
}

const EXPECTED = {
  ...REGISTERS,
  ...{
    gs: 0x63,
    fs: 0,
    es: 0x2b,
    ds: 0x2b,
    cs: 0x23,
    ss: 0x2b,
    eflags: 0x10747,
    esp_at_signal: REGISTERS.esp,
  },
  ...{ trapno: 14, err: 7, cr2: 0xdead, oldmask: MASK.low },
};

describe('the place of a frame', () => {
  it('is below the stack pointer with the FPU area 64-byte aligned in between, (esp + 4) % 16 == 0', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0x2000, max: 0xfffffff0 }),
        fc.constantFrom(0, SA_SIGINFO),
        (esp, flags) => {
          const task = firstTask(makeKernel());
          const place = placeFrame(makeKernel(), task, action(flags), esp);
          if (place === null) throw new Error('no place');
          const size = flags === 0 ? 732 : 268;
          expect((place.frame + 4) % 16).toBe(0);
          expect((place.fpstate + 112) % 64).toBe(0);
          expect(place.fpstate + 112 + 512).toBeLessThanOrEqual(esp);
          expect(place.fpstate + 112 + 512).toBeGreaterThan(esp - 64);
          expect(place.frame + size).toBeLessThanOrEqual(place.fpstate + 4);
          expect(place.frame + size).toBeGreaterThan(place.fpstate - 16);
        },
      ),
    );
  });

  const alt = { sp: 0x10000, size: 0x4000, flags: 0 };
  const place = (flags: number, esp: number) => {
    const kernel = makeKernel();
    const task = { ...firstTask(kernel), altStack: alt };
    return placeFrame(kernel, task, action(flags), esp);
  };

  it('is on the alternate stack with SA_ONSTACK, from its top', () => {
    expect(place(SA_ONSTACK, 0xffff0000)?.fpstate).toBe(allocateFpstate(makeKernel(), alt.sp + alt.size));
    expect(place(0, 0xffff0000)?.fpstate).toBe(allocateFpstate(makeKernel(), 0xffff0000));
  });

  it('goes on from the stack pointer when that is on the alternate stack already', () => {
    expect(place(SA_ONSTACK, 0x13000)?.fpstate).toBe(allocateFpstate(makeKernel(), 0x13000));
  });

  it('is nowhere when the alternate stack would overflow', () => {
    expect(place(SA_ONSTACK, 0x10000 + 1100)).toBeNull();
    expect(place(SA_ONSTACK, 0x10000 + 1600)).not.toBeNull();
  });

  it('counts the top of the alternate stack as on it and its bottom as not', () => {
    expect([0x10000, 0x10001, 0x14000, 0x14001].map((sp) => onAltStack(alt, sp))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(onAltStack({ ...alt, flags: 0x80000000 }, 0x11000)).toBe(false);
  });
});

describe('a frame without SA_SIGINFO', () => {
  it('has return address, signal, context, the high half of the mask and the return code', () => {
    const { word, bytes } = build(SA_RESTORER);
    expect([word(0), word(4)]).toEqual([0x8049100, 10]);
    expect(context(word, 8)).toMatchObject(EXPECTED);
    expect(word(720)).toBe(MASK.high);
    expect([...(bytes(724, 8) ?? [])]).toEqual([0x58, 0xb8, 0x77, 0, 0, 0, 0xcd, 0x80]);
  });

  it('gives the handler its signal in eax, and zero in ecx and edx', () => {
    const { kernel, frame } = build(0);
    expect(kernel.machine.registers).toEqual({
      ...REGISTERS,
      ...{ eax: 10, ecx: 0, edx: 0, esp: frame, eip: 0x8049000 },
    });
  });

  it('returns to the vDSO without a restorer', () => {
    expect(build(0).word(0)).toBe(0xf7ffc000 + 0x100);
    expect(build(SA_SIGINFO).word(0)).toBe(0xf7ffc000 + 0x200);
  });
});

describe('a frame with SA_SIGINFO', () => {
  it('has pointers, siginfo, alternate stack, context, mask and the return code', () => {
    const { word, bytes, frame } = build(SA_SIGINFO | SA_RESTORER);
    expect([0, 4, 8, 12].map(word)).toEqual([0x8049100, 10, frame + 16, frame + 144]);
    expect([16, 20, 24, 28].map(word)).toEqual([10, 0, -6 >>> 0, 99]);
    expect([144, 148].map(word)).toEqual([0, 0]);
    expect([152, 156, 160].map(word)).toEqual([0x20, 0, 0x30]);
    expect(context(word, 164)).toMatchObject(EXPECTED);
    expect([252, 256].map(word)).toEqual([MASK.low, MASK.high]);
    expect([...(bytes(260, 8) ?? [])]).toEqual([0xb8, 0xad, 0, 0, 0, 0xcd, 0x80, 0]);
  });

  it('gives the handler pointers to info and context', () => {
    const { kernel, frame } = build(SA_SIGINFO);
    expect(kernel.machine.registers).toMatchObject({
      eax: 10,
      edx: frame + 16,
      ecx: frame + 144,
      esp: frame,
    });
  });
});

describe('the handler', () => {
  it('runs with DF, RF and TF cleared and the other flags kept', () => {
    expect(build(0).kernel.machine.eflags).toBe(0x10747 & ~0x10500);
  });

  it('runs with flat segments and keeps fs and gs', () => {
    expect(build(0).kernel.machine.segments).toEqual({
      cs: 0x23,
      ds: 0x2b,
      es: 0x2b,
      fs: 0,
      gs: 0x63,
      ss: 0x2b,
    });
    expect(build(0, 'i386').kernel.machine.segments).toMatchObject({
      cs: 0x73,
      ds: 0x7b,
      es: 0x7b,
      ss: 0x7b,
    });
  });
});

describe('the FPU area of a frame', () => {
  it('is an FSAVE image, the status word again, magic 0 and the FXSAVE image with its software bytes cleared', () => {
    const { kernel, word } = build(0);
    const at = word(8 + 76) ?? 0;
    const bytes = kernel.machine.read(at, 624);
    const half = (offset: number) => (bytes?.[offset] ?? 0) | ((bytes?.[offset + 1] ?? 0) << 8);
    expect([half(0), half(2)]).toEqual([0x0100, 0xffff]);
    expect([half(4), half(6)]).toEqual([0x0302, 0xffff]);
    // The first register: ten bytes of each sixteen.
    expect([...(bytes?.slice(28, 38) ?? [])]).toEqual([...Array(10).keys()].map((i) => 32 + i));
    expect([...(bytes?.slice(38, 48) ?? [])]).toEqual([...Array(10).keys()].map((i) => 48 + i));
    expect([half(108), half(110)]).toEqual([0x0302, 0]);
    expect([...(bytes?.slice(112, 116) ?? [])]).toEqual([0, 1, 2, 3]);
    expect(bytes?.[112 + 463]).toBe(463 & 0xff);
    expect([...(bytes?.slice(112 + 464) ?? [])].every((byte) => byte === 0)).toBe(true);
  });
});

it('a frame that cannot be written is refused', () => {
  const kernel = makeKernel();
  kernel.machine.set('esp', MEMORY_START + 800);
  expect(setupFrame(kernel, firstTask(kernel), action(0), killInfo(10, 0, 1), MASK)).toBeNull();
  kernel.machine.set('esp', MEMORY_START + 2000);
  expect(setupFrame(kernel, firstTask(kernel), action(0), killInfo(10, 0, 1), MASK)).not.toBeNull();
});
