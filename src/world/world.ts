// A program on the emulated CPU with the modelled kernel: moves by transitions, and is a value that can be kept and restored.
import type { Context, Cpu, CpuSnapshot, Stop } from '../cpu/index.js';
import { runCall } from '../kernel/entry/dispatch.js';
import { enterKernel } from '../kernel/entry/enter.js';
import { leaveKernel } from '../kernel/entry/leave.js';
import type { Event } from '../kernel/history.js';
import { findTask, isAlive, type Kernel, log, processOf } from '../kernel/kernel.js';
import { enterSpace } from '../kernel/mm/spaces.js';
import { isSpinning } from '../kernel/proposals/task.js';
import { copyState, type EntryForm, type ExitState, type KernelState, type Task } from '../kernel/state.js';
import { loadTls } from '../kernel/task/tls.js';
import { advanceTime, wakeSleepers } from '../kernel/wake.js';
import { adoptChild } from './adopt.js';
import { Contexts } from './contexts.js';
import { raiseException } from './faults.js';
import type { LoadedProgram } from './load.js';
import type { WorldOptions } from './options.js';

export interface WorldParts {
  readonly options: WorldOptions;
  readonly cpu: Cpu;
  readonly kernel: Kernel;
  readonly program: LoadedProgram;
}

/** Everything a run depends on from here on; restoring it any number of times gives the same future. */
export interface WorldSnapshot {
  readonly cpu: CpuSnapshot;
  readonly state: KernelState;
  readonly contexts: ReadonlyMap<number, Context>;
  readonly current: number;
  readonly events: number;
}

/** How a run ended, or why it cannot go on by itself. */
export type Ending =
  | { readonly kind: 'ended'; readonly exit: ExitState }
  /** Every task that is not parked sleeps, without a deadline. */
  | { readonly kind: 'parked'; readonly roles: readonly number[] }
  | { readonly kind: 'deadlock' }
  | { readonly kind: 'bound'; readonly what: 'instructions' | 'transitions' | 'rounds in the kernel' };

/** Instructions a task may run without entering the kernel. */
export const INSTRUCTION_BOUND = 50_000_000;
/** Kernel transitions of one run. */
export const TRANSITION_BOUND = 20_000;

/**
 * One machine with one program: cpu, kernel and the contexts of the tasks that are not on the CPU. It moves by transitions
 * of the current task: some user instructions, a call's look at the kernel's state, the way back to user mode. Between two
 * transitions anything else may happen: that is where the explorer makes its choices.
 */
export class World {
  readonly options: WorldOptions;
  readonly cpu: Cpu;
  readonly kernel: Kernel;
  readonly program: LoadedProgram;
  private readonly contexts = new Contexts();
  private currentTid: number;
  /** The task with that id, once looked up in this state. */
  private currentTask: Task | undefined;

  constructor({ options, cpu, kernel, program }: WorldParts) {
    this.options = options;
    this.cpu = cpu;
    this.kernel = kernel;
    this.program = program;
    this.currentTid = kernel.state.tasks[0]?.tid ?? 0;
  }

  get history(): readonly Event[] {
    return this.kernel.history;
  }

  /** Calls `observer` at every event: a log can read memory as the event found it. Returns how to stop that. */
  observe(observer: (event: Event) => void): () => void {
    const { observers } = this.kernel;
    observers.push(observer);
    return () => {
      const at = observers.indexOf(observer);
      if (at >= 0) observers.splice(at, 1);
    };
  }

  /** The task on the CPU. */
  get current(): Task {
    this.currentTask ??= findTask(this.kernel, this.currentTid);
    if (this.currentTask === undefined) throw new Error(`no task ${this.currentTid}`);
    return this.currentTask;
  }

  tasks(): readonly Task[] {
    return this.kernel.state.tasks;
  }

  isRunnable(task: Task): boolean {
    return task.parked === null && task.phase.kind !== 'asleep' && !task.stopped && isAlive(task);
  }

  /** Puts another task on the CPU: registers, then its TLS descriptors. */
  switchTo(tid: number): void {
    if (tid === this.currentTid) return;
    const next = findTask(this.kernel, tid);
    const context = this.contexts.get(tid);
    if (next === undefined || context === undefined) throw new Error(`task ${tid} cannot run`);
    this.contexts.store(this.currentTid, this.cpu);
    if (this.kernel.state.processes.length > 1) this.enterSpaceOf(next);
    this.cpu.loadContext(context);
    log(this.kernel, { kind: 'switch', tid: this.currentTid, to: tid });
    this.currentTid = tid;
    this.currentTask = next;
    loadTls(this.kernel, next);
  }

  private enterSpaceOf(next: Task): void {
    const { kernel } = this;
    enterSpace(kernel, processOf(kernel, this.current).mm, processOf(kernel, next).mm);
  }

  /**
   * One transition of the current task, which must be runnable. In user mode: at most `count` instructions. Returns why the
   * CPU stopped, or null for a transition inside the kernel.
   */
  advance(count: number): Stop | null {
    const task = this.current;
    switch (task.phase.kind) {
      case 'user':
        return this.runUser(task, count);
      case 'entry':
      case 'woken': {
        const { call } = task.phase;
        runCall(this.kernel, task);
        adoptChild(this.kernel, this.cpu, this.contexts, task, call);
        wakeSleepers(this.kernel);
        return null;
      }
      case 'exit':
        this.leave(task, task.phase.form);
        return null;
      case 'asleep':
      case 'dead':
        throw new Error(`task ${task.tid} is ${task.phase.kind} and cannot run`);
    }
  }

  private runUser(task: Task, count: number): Stop | null {
    if (task.signalPending) {
      this.interrupt(task);
      return null;
    }
    const stop = this.cpu.run(count);
    if (stop.kind !== 'limit') this.trap(task, stop);
    return stop;
  }

  /** A signal reaches a task in user mode: the kernel is entered by an interrupt and left again. */
  private interrupt(task: Task): void {
    task.origEax = -1;
    this.leave(task, null);
  }

  /** A signal may end or stop the process on its way out: somebody may be waiting for that. */
  private leave(task: Task, form: EntryForm | null): void {
    leaveKernel(this.kernel, task, form);
    if (task.phase.kind === 'dead' || task.stopped) wakeSleepers(this.kernel);
  }

  private trap(task: Task, stop: Exclude<Stop, { kind: 'limit' }>): void {
    const SYSTEM_CALL = 0x80;
    if (stop.kind === 'trap' && stop.vector === SYSTEM_CALL) {
      enterKernel(this.kernel, task, 'int80');
    } else if (stop.kind === 'sysenter' || stop.kind === 'syscall') {
      if (this.kernel.config.fastEntry === stop.kind) enterKernel(this.kernel, task, stop.kind);
      else this.refuseFastEntry(task);
    } else {
      raiseException(this.kernel, task, stop);
    }
  }

  /** A CPU without this instruction, or that does not have it in compatibility mode: #UD at the instruction. */
  private refuseFastEntry(task: Task): void {
    const LENGTH = 2;
    this.cpu.set('eip', (this.cpu.get('eip') - LENGTH) >>> 0);
    raiseException(this.kernel, task, { kind: 'invalid-opcode' });
  }

  /** The task on the CPU goes round in the kernel for ever: how the run ends then. */
  livelock(): Ending | null {
    return isSpinning(this.current) ? { kind: 'bound', what: 'rounds in the kernel' } : null;
  }

  /** Registers of the tasks that are not on the CPU, in order of their ids, as bytes to be hashed. */
  parkedRegisters(): Uint8Array[] {
    return this.contexts.bytesExcept(this.currentTid);
  }

  /** The next runnable task after the current one, in order of ids; undefined when none is. */
  nextRunnable(): Task | undefined {
    const tasks = this.tasks();
    const here = tasks.findIndex(({ tid }) => tid === this.currentTid);
    for (let i = 1; i <= tasks.length; i++) {
      const task = tasks[(here + i) % tasks.length];
      if (task !== undefined && this.isRunnable(task)) return task;
    }
    return undefined;
  }

  /**
   * Makes sure that a runnable task is on the CPU, letting time pass when everybody sleeps. Returns how the run ended
   * otherwise.
   */
  schedule(): Ending | null {
    for (;;) {
      const { current } = this;
      if (this.isRunnable(current) && !current.yielded) return null;
      const alone = current.yielded;
      current.yielded = false;
      const next = this.nextRunnable();
      // It yields to nobody, so it waits for somebody who sleeps.
      if (alone && next === current) advanceTime(this.kernel);
      if (next !== undefined) {
        this.switchTo(next.tid);
        return null;
      }
      const exit = this.kernel.state.processes[0]?.exit ?? null;
      // Children that the program has left behind go on while something wakes them.
      if (exit !== null && !this.tasks().some(isAlive)) return { kind: 'ended', exit };
      if (!advanceTime(this.kernel)) return exit === null ? this.stuck() : { kind: 'ended', exit };
    }
  }

  private stuck(): Ending {
    const roles = this.tasks().flatMap(({ parked }) => (parked === null ? [] : [parked]));
    return roles.length > 0 ? { kind: 'parked', roles } : { kind: 'deadlock' };
  }

  /** Runs until the program ends, nobody can run, a bound is reached, or `until` (asked before each transition) is true. */
  run(until: () => boolean = () => false): Ending | null {
    for (let transitions = 0; transitions < TRANSITION_BOUND; transitions++) {
      const ending = this.schedule();
      if (ending !== null) return ending;
      if (until()) return null;
      if (this.advance(INSTRUCTION_BOUND)?.kind === 'limit') return { kind: 'bound', what: 'instructions' };
      const livelock = this.livelock();
      if (livelock !== null) return livelock;
    }
    return { kind: 'bound', what: 'transitions' };
  }

  /** Lets every task parked with this role run again. */
  release(role: number): void {
    for (const task of this.tasks()) if (task.parked === role) task.parked = null;
  }

  snapshot(): WorldSnapshot {
    return {
      cpu: this.cpu.snapshot(),
      state: copyState(this.kernel.state),
      contexts: this.contexts.share(),
      current: this.currentTid,
      events: this.history.length,
    };
  }

  restore(snapshot: WorldSnapshot): void {
    this.cpu.restore(snapshot.cpu);
    this.kernel.state = copyState(snapshot.state);
    this.contexts.restore(snapshot.contexts);
    this.currentTid = snapshot.current;
    this.currentTask = undefined;
    this.kernel.history.length = snapshot.events;
  }

  /** Gives a snapshot's buffers back. */
  discard(snapshot: WorldSnapshot): void {
    this.cpu.release(snapshot.cpu);
  }

  /** Frees the engine. The world cannot be used afterwards. */
  close(): void {
    this.cpu.close();
  }
}
