// From the registers at a trap to a call's arguments, and what the kernel leaves in the registers (LINUX.md, "Entering and
// leaving the kernel"; for 64-bit kernels before 4.4 arch/x86/ia32/ia32entry.S).
import { describe, expect, it } from 'vitest';
import { enterKernel } from '../../src/kernel/entry/enter.js';
import type { EntryForm } from '../../src/kernel/state.js';
import { firstTask, MEMORY_END, MEMORY_START, makeKernel } from './helpers.js';

const EIP = 0x8048123;
const PAD = 0x589;
const VDSO = 0xf7ffc000;
const READ = 3;
const STACK = MEMORY_END - 64;
const SIXTH = 0x66666666;

/** As the code of the vDSO leaves the registers before each instruction: ebx 1, ecx 2, edx 3, esi 4, edi 5. */
const EBP = { int80: 6, sysenter: STACK, syscall: 2 } as const;

function enter(form: EntryForm, { old = false, stack = STACK } = {}) {
  const kernel = makeKernel();
  const { machine } = kernel;
  const config = {
    ...kernel.config,
    syscallKeepsEbp: old,
    vdso: { ...kernel.config.vdso, landingPad: PAD },
  };
  const ebp = form === 'sysenter' ? stack : EBP[form];
  const ecx = form === 'syscall' ? EIP : 2;
  Object.assign(machine.registers, {
    eax: READ,
    ebx: 1,
    ecx,
    edx: 3,
    esi: 4,
    edi: 5,
    ebp,
    eip: EIP,
    esp: stack,
  });
  machine.writeU32(STACK, SIXTH);
  const task = firstTask(kernel);
  enterKernel({ ...kernel, config }, task, form);
  return { task, registers: machine.registers };
}

describe('entering the kernel', () => {
  it.each([
    ['int80', [1, 2, 3, 4, 5, 6]],
    ['sysenter', [1, 2, 3, 4, 5, SIXTH]],
    ['syscall', [1, 2, 3, 4, 5, SIXTH]],
  ] as const)('by %s finds six arguments where its vDSO puts them', (form, args) => {
    const { task } = enter(form);
    expect(task.phase).toMatchObject({ kind: 'entry', call: { nr: READ, args } });
    expect(task.origEax).toBe(READ);
  });

  it('goes on at the landing pad after a fast instruction, with the word at the stack pointer in ebp', () => {
    for (const form of ['sysenter', 'syscall'] as const)
      expect(enter(form).registers).toMatchObject({ eip: VDSO + PAD, ebp: SIXTH, ecx: 2, esp: STACK });
    expect(enter('int80').registers).toMatchObject({ eip: EIP, ebp: 6 });
  });

  it('makes no call when the sixth argument cannot be read', () => {
    for (const form of ['sysenter', 'syscall'] as const) {
      const { task, registers } = enter(form, { stack: MEMORY_START - 8 });
      expect(task.phase).toEqual({ kind: 'exit', form: null });
      expect(registers).toMatchObject({ eax: -14 >>> 0, ebp: 0, eip: VDSO + PAD });
    }
  });
});

describe('a 64-bit kernel before 4.4', () => {
  it('comes back to where syscall was executed and leaves ebp alone, so that the syscall can be made again', () => {
    const { task, registers } = enter('syscall', { old: true });
    expect(task.phase).toMatchObject({ kind: 'entry', call: { args: [1, 2, 3, 4, 5, SIXTH] } });
    expect(registers).toMatchObject({ eip: EIP, ebp: 2, ecx: 2 });
  });

  it('leaves ebp alone when the sixth argument cannot be read, too', () => {
    const { task, registers } = enter('syscall', { old: true, stack: MEMORY_START - 8 });
    expect(task.phase).toEqual({ kind: 'exit', form: null });
    expect(registers).toMatchObject({ eax: -14 >>> 0, ebp: 2, eip: EIP });
  });

  it('does with sysenter what later ones do', () => {
    expect(enter('sysenter', { old: true })).toEqual(enter('sysenter'));
  });
});
