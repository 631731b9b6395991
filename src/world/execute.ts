// Programs in memory as execve leaves them: segments, vDSO, stack. For the first one and for those that it executes.
import type { Cpu } from '../cpu/index.js';
import { type ElfFile, parseElf } from '../elf/index.js';
import type { Execute } from '../kernel/kernel.js';
import type { VdsoImage } from '../vdso/index.js';
import { PAGE_SIZE } from './layout.js';
import { type LoadedProgram, loadProgram, refusal } from './load.js';
import type { WorldOptions } from './options.js';
import { AT, type AuxEntry, writeInitialStack } from './stack.js';

/** What the kernel model calls for execve. A design's overlay is for the world's own program only. */
export function executor(cpu: Cpu, { vdso }: WorldOptions): Execute {
  const parsed = new WeakMap<Uint8Array, ElfFile>();
  return ({ path, file, args, env }) => {
    let elf = parsed.get(file);
    if (elf === undefined) {
      const result = parseElf(file, path);
      if (!result.ok) return null;
      elf = result.elf;
      parsed.set(file, elf);
    }
    const program = elf;
    if (refusal(program) !== null) return null;
    return () => {
      const loaded = loadProgram(cpu, program, vdso, undefined);
      const { vmas, startBrk, entry } = loaded;
      const esp = setUpStack(cpu, program, vdso, loaded, { path, args, env });
      return { entry, esp, mm: { vmas, startBrk, brk: startBrk } };
    };
  };
}

/** Writes the initial stack; returns ESP. */
export function setUpStack(
  cpu: Cpu,
  elf: ElfFile,
  vdso: VdsoImage,
  loaded: LoadedProgram,
  strings: { readonly path: string; readonly args: readonly string[]; readonly env: readonly string[] },
): number {
  return writeInitialStack(cpu, { ...strings, aux: auxiliaryVector(elf, vdso, loaded) });
}

/** CPUID leaf 1 EDX of the emulated CPU: FPU, TSC, CX8, SEP, CMOV, MMX, FXSR, SSE, SSE2 among others. */
export const HWCAP = 0x078bfbfd;
const CLOCK_TICKS = 100;
const PROGRAM_HEADER_SIZE = 32;
const MIN_SIGNAL_STACK = 1440;

function auxiliaryVector(elf: ElfFile, vdso: VdsoImage, program: LoadedProgram): AuxEntry[] {
  return [
    [AT.SYSINFO, program.vdsoBase + vdso.vsyscall],
    [AT.SYSINFO_EHDR, program.vdsoBase],
    [AT.MINSIGSTKSZ, MIN_SIGNAL_STACK],
    [AT.HWCAP, HWCAP],
    [AT.PAGESZ, PAGE_SIZE],
    [AT.CLKTCK, CLOCK_TICKS],
    [AT.PHDR, program.phdr],
    [AT.PHENT, PROGRAM_HEADER_SIZE],
    [AT.PHNUM, elf.segments.length],
    [AT.BASE, 0],
    [AT.FLAGS, 0],
    [AT.ENTRY, program.entry],
    [AT.UID, 0],
    [AT.EUID, 0],
    [AT.GID, 0],
    [AT.EGID, 0],
    [AT.SECURE, 0],
    [AT.HWCAP2, 0],
  ];
}
