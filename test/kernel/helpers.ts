// A kernel over a machine that is only registers and a little memory: for the parts that need no CPU.
import type { Kernel } from '../../src/kernel/kernel.js';
import type { GeneralRegister, Machine, SegmentName } from '../../src/kernel/machine.js';
import type { Vma } from '../../src/kernel/mm/types.js';
import { EMPTY } from '../../src/kernel/sigset.js';
import { DEFAULT_ACTION, type KernelState, type Task } from '../../src/kernel/state.js';
import { NO_TLS } from '../../src/kernel/task/tls.js';

export const MEMORY_START = 0x10000;
const MEMORY_SIZE = 0x10000;
export const MEMORY_END = MEMORY_START + MEMORY_SIZE;

export class PlainMachine implements Machine {
  readonly registers: Record<GeneralRegister, number> = {
    ...{ eax: 0, ebx: 0, ecx: 0, edx: 0, esi: 0, edi: 0, ebp: 0, esp: MEMORY_END, eip: 0 },
  };
  readonly segments: Record<SegmentName, number> = {
    cs: 0x23,
    ds: 0x2b,
    es: 0x2b,
    fs: 0,
    gs: 0x63,
    ss: 0x2b,
  };
  eflags = 0x202;
  fpu = new Uint8Array(512);
  readonly memory = new Uint8Array(MEMORY_SIZE);
  readonly tls = new Map<number, readonly [number, number]>();

  get(name: GeneralRegister): number {
    return this.registers[name];
  }
  set(name: GeneralRegister, value: number): void {
    this.registers[name] = value >>> 0;
  }
  getEflags(): number {
    return this.eflags;
  }
  getControlFlags(): number {
    return this.eflags & ~0x8d5;
  }
  setEflags(value: number): void {
    this.eflags = value;
  }
  getSegment(name: SegmentName): number {
    return this.segments[name];
  }
  setSegment(name: SegmentName, selector: number): boolean {
    this.segments[name] = selector;
    return true;
  }
  setTlsEntry(index: 0 | 1 | 2, low: number, high: number): void {
    this.tls.set(index, [low, high]);
  }
  fxsave(): Uint8Array {
    return this.fpu.slice();
  }
  fxrstor(image: Uint8Array): void {
    this.fpu = image.slice(0, 512);
  }
  resetFpu(): void {
    this.fpu = new Uint8Array(512);
  }
  map(): void {}
  unmap(): void {}
  protect(): void {}
  copySpace(): void {}
  enterSpace(): void {}
  dropSpace(): void {}
  read(address: number, length: number): Uint8Array | null {
    const at = address - MEMORY_START;
    return at < 0 || at + length > MEMORY_SIZE ? null : this.memory.slice(at, at + length);
  }
  view(address: number, length: number): Uint8Array | null {
    return this.read(address, length);
  }
  write(address: number, bytes: Uint8Array): boolean {
    const at = address - MEMORY_START;
    if (at < 0 || at + bytes.length > MEMORY_SIZE) return false;
    this.memory.set(bytes, at);
    return true;
  }
  clear(address: number, length: number): void {
    this.write(address, new Uint8Array(length));
  }
  readU32(address: number): number | null {
    const bytes = this.read(address, 4);
    return bytes === null ? null : new DataView(bytes.buffer).getUint32(0, true);
  }
  writeU32(address: number, value: number): boolean {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    return this.write(address, bytes);
  }
}

export const PID = 100;

export function makeTask(tid: number): Task {
  return {
    tid,
    pid: PID,
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
    stopped: false,
    yielded: false,
  };
}

/** One process with tasks 100, 101, … over memory from MEMORY_START to MEMORY_END. */
export function makeKernel(
  tasks = 1,
  flavour: 'amd64' | 'i386' = 'amd64',
): Kernel & { machine: PlainMachine } {
  const area: Vma = { start: MEMORY_START, end: MEMORY_END, protection: 3, growsDown: false, name: '' };
  const state: KernelState = {
    now: 0,
    nextTid: PID + tasks,
    nextId: 1,
    nextSleep: 0,
    tasks: Array.from({ length: tasks }, (_, i) => makeTask(PID + i)),
    processes: [
      {
        pid: PID,
        parent: 1,
        actions: Array.from({ length: 64 }, () => DEFAULT_ACTION),
        pending: { set: EMPTY, infos: [] },
        fds: [],
        group: PID,
        session: PID,
        exitSignal: 17,
        mm: { id: 0, vmas: [area], startBrk: 0, brk: 0 },
        vfork: false,
        cwd: '/',
        umask: 0o22,
        program: { path: '/program', args: ['program'], executed: false },
        stop: null,
        continued: false,
        exit: null,
        reaped: false,
      },
    ],
    openFiles: [],
    objects: [],
    timers: [],
    locks: [],
    ipc: [],
  };
  return {
    state,
    machine: new PlainMachine(),
    history: [],
    observers: [],
    execute: () => null,
    config: {
      flavour,
      fastEntry: null,
      vdso: { base: 0xf7ffc000, landingPad: null, sigreturn: 0x100, rtSigreturn: 0x200 },
      bootTime: 1000,
      marks: null,
      proposals: null,
      xsave: null,
      ptrace: 'none',
      user: { uid: 0, gid: 0 },
    },
  };
}

export function firstTask(kernel: Kernel): Task {
  const [task] = kernel.state.tasks;
  if (task === undefined) throw new Error('no task');
  return task;
}
