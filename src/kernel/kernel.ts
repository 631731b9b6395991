import type { Event } from './history.js';
import type { Machine } from './machine.js';
import type { Mm } from './mm/types.js';
import type { Proposals } from './proposals/types.js';
import type { KernelState, Process, Task } from './state.js';

/** Facts of one machine and boot that never change during a run. */
export interface KernelConfig {
  /** Which kernel: selectors, TLS entries and what a fast return leaves in ecx and edx differ. */
  readonly flavour: 'i386' | 'amd64';
  /** The fast entry instructions that this CPU accepts from user mode besides int $0x80. */
  readonly fastEntry: 'sysenter' | 'syscall' | null;
  /**
   * A 64-bit kernel before 4.4 (arch/x86/ia32/ia32entry.S): syscall comes back to where it was executed, and ebp keeps the
   * second argument, so that its vDSO can restart the instruction itself.
   */
  readonly syscallKeepsEbp?: boolean;
  readonly vdso: {
    readonly base: number;
    /** Where sysenter and syscall return to; null in an image without a fast form. */
    readonly landingPad: number | null;
    readonly sigreturn: number;
    readonly rtSigreturn: number;
  };
  /** Seconds since 1970 at boot. */
  readonly bootTime: number;
  /** System call numbers that are marks of the program under test, not calls. */
  readonly marks: MarkNumbers | null;
  /** A feature that Linux does not have; null is Linux. */
  readonly proposals: Proposals | null;
  /** What the CPU saves in a signal frame: FXSAVE's 512 bytes, or an XSAVE area of its own size. */
  readonly xsave: XsaveArea | null;
  /**
   * Under ptrace ignored signals are queued too (kernel/signal.c: sig_ignored), and a single-stepped return to user mode
   * never is a fast one.
   */
  readonly ptrace: 'none' | 'attached' | 'stepped';
  /** Whose every process is: what getuid and getgid say, and the sender's user in a siginfo. */
  readonly user: { readonly uid: number; readonly gid: number };
}

/** Of struct _fpx_sw_bytes: what a frame's software bytes say of the area. */
export interface XsaveArea {
  /** Bytes of the area, without the magic word behind it. */
  readonly size: number;
  /** XCR0's features that are saved, as two words. */
  readonly features: readonly [low: number, high: number];
  /** Bits that MXCSR may have. */
  readonly mxcsrMask: number;
}

/** What execve runs. */
export interface ExecRequest {
  readonly path: string;
  readonly file: Uint8Array;
  /** Bytes as latin1. */
  readonly args: readonly string[];
  readonly env: readonly string[];
}

export interface Executed {
  readonly entry: number;
  readonly esp: number;
  readonly mm: Omit<Mm, 'id'>;
}

/**
 * Looks whether a file can be run: null when not. What it returns maps the program and its initial stack into the loaded,
 * empty address space.
 */
export type Execute = (request: ExecRequest) => (() => Executed) | null;

export interface MarkNumbers {
  readonly first: number;
  readonly last: number;
  /** A task that makes this call is parked with its first argument as the role. */
  readonly park: number;
}

/** One running kernel: its state (replaced on restore), the machine below it, and the log of what happened. */
export interface Kernel {
  state: KernelState;
  readonly config: KernelConfig;
  readonly machine: Machine;
  readonly execute: Execute;
  readonly history: Event[];
  /** Told of every event as it happens, while the registers and memory are what they are then. For logs only. */
  readonly observers: ((event: Event) => void)[];
}

export function log(kernel: Kernel, event: Event): void {
  kernel.history.push(event);
  for (const observe of kernel.observers) observe(event);
}

/** The task with this id, dead ones included; undefined when there never was one. */
export function findTask(kernel: Kernel, tid: number): Task | undefined {
  return kernel.state.tasks.find((task) => task.tid === tid);
}

export function isAlive(task: Task): boolean {
  return task.phase.kind !== 'dead';
}

/** The process of a task. A task without one is a bug of the model. */
export function processOf(kernel: Kernel, task: Task): Process {
  const process = kernel.state.processes.find((candidate) => candidate.pid === task.pid);
  if (process === undefined) throw new Error(`task ${task.tid} has no process ${task.pid}`);
  return process;
}

/** Live threads of a process in order of their ids. */
export function threadsOf(kernel: Kernel, pid: number): Task[] {
  return kernel.state.tasks.filter((task) => task.pid === pid && isAlive(task));
}

/** The process with this id, until it is reaped. */
export function findProcess(kernel: Kernel, pid: number): Process | undefined {
  return kernel.state.processes.find((candidate) => candidate.pid === pid && !candidate.reaped);
}

export function newId(kernel: Kernel): number {
  const id = kernel.state.nextId;
  kernel.state.nextId = id + 1;
  return id;
}
