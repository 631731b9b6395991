// From files to a world that stands at the program's first instruction.
import { AMD64_SEGMENTS, Cpu, I386_SEGMENTS } from '../cpu/index.js';
import { addObject, addOpenFile, installFd } from '../kernel/fs/descriptors.js';
import { createFile, plantTree } from '../kernel/fs/tree.js';
import { O_WRONLY } from '../kernel/fs/types.js';
import type { Event } from '../kernel/history.js';
import type { Kernel, KernelConfig } from '../kernel/kernel.js';
import { EMPTY } from '../kernel/sigset.js';
import { DEFAULT_ACTION, type KernelState, type Task } from '../kernel/state.js';
import { NO_TLS } from '../kernel/task/tls.js';
import { PAGE_SIZE } from './layout.js';
import { type LoadedProgram, loadProgram } from './load.js';
import { MARKS } from './marks.js';
import type { LoadError, WorldOptions } from './options.js';
import { AT, type AuxEntry, writeInitialStack } from './stack.js';
import { World } from './world.js';

export type CreateResult =
  | { readonly ok: true; readonly world: World }
  | { readonly ok: false; readonly error: LoadError };

/** The first process; its parent is not in the model. */
const FIRST_PID = 100;
/** 1 March 2016, 00:00 UTC: the clock of every run starts here. */
const BOOT_TIME = 1_456_790_400;

/** A world in which the program is about to execute its first instruction. */
export function createWorld(options: WorldOptions): CreateResult {
  const { vdso } = options;
  const cpu = Cpu.create(vdso.flavour === 'amd64' ? AMD64_SEGMENTS : I386_SEGMENTS);
  const loaded = loadProgram(cpu, options.program, vdso, options.overlay);
  if (!loaded.ok) {
    cpu.close();
    return loaded;
  }
  const { program } = loaded;
  const history: Event[] = [];
  const kernel: Kernel = {
    state: initialState(program, options.pid ?? FIRST_PID),
    config: configFor(options, program),
    machine: cpu,
    history,
    observers: [],
  };
  plantTree(kernel);
  for (const file of options.files ?? []) plantFile(kernel, file);
  openStandardStreams(kernel, options.stdin ?? new Uint8Array(0));
  const esp = writeInitialStack(cpu, {
    args: options.args,
    env: options.env ?? [],
    aux: auxiliaryVector(options, program),
  });
  cpu.set('esp', esp);
  cpu.set('eip', program.entry);
  return { ok: true, world: new World({ options, cpu, kernel, program }) };
}

function configFor(
  { vdso, like, proposals = null }: WorldOptions,
  { vdsoBase }: LoadedProgram,
): KernelConfig {
  return {
    flavour: vdso.flavour,
    fastEntry: vdso.cpu === 'int80' ? null : vdso.cpu,
    vdso: {
      base: vdsoBase,
      landingPad: vdso.fastReturn,
      sigreturn: vdso.sigreturn,
      rtSigreturn: vdso.rtSigreturn,
    },
    bootTime: BOOT_TIME,
    marks: MARKS,
    proposals,
    xsave: like?.xsave ?? null,
    ptrace: like?.ptrace ?? 'none',
  };
}

function initialState(program: LoadedProgram, pid: number): KernelState {
  return {
    now: 0,
    nextTid: pid + 1,
    nextId: 1,
    nextSleep: 0,
    tasks: [firstTask(pid)],
    processes: [
      {
        pid,
        parent: 1,
        actions: Array.from({ length: 64 }, () => DEFAULT_ACTION),
        pending: { set: EMPTY, infos: [] },
        fds: [],
        mm: { vmas: program.vmas, startBrk: program.startBrk, brk: program.startBrk },
        cwd: '/',
        umask: 0o22,
        exit: null,
      },
    ],
    openFiles: [],
    objects: [],
    timers: [],
  };
}

function firstTask(pid: number): Task {
  return {
    tid: pid,
    pid,
    phase: { kind: 'user' },
    origEax: -1,
    blocked: EMPTY,
    savedMask: null,
    pending: { set: EMPTY, infos: [] },
    signalPending: false,
    altStack: { sp: 0, size: 0, flags: 0 },
    lastTrap: { number: 0, error: 0, cr2: 0 },
    tls: [NO_TLS, NO_TLS, NO_TLS],
    clearChildTid: 0,
    robustList: 0,
    restartBlock: null,
    parked: null,
    yielded: false,
  };
}

function plantFile(kernel: Kernel, { path, content }: { path: string; content: Uint8Array }): void {
  const made = createFile(kernel, path, 0o644);
  if (made.ok && made.entry.kind === 'regular') made.entry.data = content;
}

function openStandardStreams(kernel: Kernel, stdin: Uint8Array): void {
  const [task] = kernel.state.tasks;
  if (task === undefined) return;
  for (const name of ['stdin', 'stdout', 'stderr'] as const) {
    const data = name === 'stdin' ? stdin : new Uint8Array(0);
    const object = addObject(kernel, (id) => ({ kind: 'stream', id, name, data }));
    const access = name === 'stdin' ? 0 : O_WRONLY;
    installFd(
      kernel,
      task,
      addOpenFile(kernel, { object: object.id, access, flags: 0, path: `/dev/${name}` }),
      false,
    );
  }
}

/** CPUID leaf 1 EDX of the emulated CPU: FPU, TSC, CX8, SEP, CMOV, MMX, FXSR, SSE, SSE2 among others. */
export const HWCAP = 0x078bfbfd;
const CLOCK_TICKS = 100;
const PROGRAM_HEADER_SIZE = 32;
const MIN_SIGNAL_STACK = 1440;

function auxiliaryVector({ program: elf, vdso }: WorldOptions, program: LoadedProgram): AuxEntry[] {
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
