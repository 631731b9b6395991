/**
 * One traced 32-bit process: it is stopped whenever we look at it, and moves only when we say so. Signals that it is about
 * to take are stops as well; `resume` decides what becomes of them.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { NativeError } from './errors.js';
import { type Block, block, errnoName, lastErrno, libc, must, NT, PTRACE, PTRACE_OPTIONS } from './libc.js';
import {
  REGISTER_AT,
  REGISTERS_SIZE,
  type RegisterName,
  type Registers,
  readRegisters,
} from './registers.js';
import { endTraced, spawnTraced, waitBlocking } from './spawn.js';

export type Stop =
  /** About to take `sig`, or SIGTRAP for a step, an exec, a breakpoint. */
  | { readonly kind: 'signal'; readonly sig: number }
  /** On entry to or exit from a system call. */
  | { readonly kind: 'syscall' }
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly sig: number };

export type Started =
  | { readonly ok: true; readonly tracee: Tracee }
  | { readonly ok: false; readonly reason: string };

/** Two words of 32 signals each; bit 0 of `low` is signal 1. */
export interface SignalBits {
  readonly low: number;
  readonly high: number;
}

const NR_TGKILL = 234;
const FXSAVE_SIZE = 512;
const ESRCH = 3;
const SIGALRM = 14;
const SI_KERNEL = 0x80;
/** A process goes to sleep at once, or it never will. */
const SLEEP_POLLS_MAX = 1_000_000;

interface Buffers {
  readonly general: Block;
  readonly fpu: Block;
  readonly vector: Block;
  readonly info: Block;
}

const statusBuffer = Buffer.alloc(4096);
let shared: Buffers | undefined;

/** One set for all: there is one thread, and nothing stays in them between calls. */
function buffers(): Buffers {
  shared ??= {
    general: block(256),
    fpu: block(FXSAVE_SIZE),
    vector: block(16),
    info: block(128),
  };
  return shared;
}

export class Tracee {
  private memoryFile = -1;
  private statFile = -1;
  private alive = true;
  private readonly statBuffer = Buffer.alloc(512);

  private constructor(readonly pid: number) {}

  /** Runs execve(args[0], args, env) and stops before the first instruction. */
  static start(args: readonly string[], env: readonly string[] = []): Started {
    const spawned = spawnTraced(args, env);
    if (!spawned.ok) return spawned;
    const { pid } = spawned;
    if (libc().ptrace(PTRACE.SETOPTIONS, pid, 0, PTRACE_OPTIONS) === 0)
      return { ok: true, tracee: new Tracee(pid) };
    const reason = `ptrace is refused to the tracer (${errnoName()}): a seccomp filter?`;
    endTraced(pid);
    return { ok: false, reason };
  }

  /** Lets it run: one instruction, to the next system call stop, or freely; delivering `sig` unless 0. */
  resume(how: 'step' | 'syscall' | 'continue', sig = 0): void {
    const request = how === 'step' ? PTRACE.SINGLESTEP : how === 'syscall' ? PTRACE.SYSCALL : PTRACE.CONT;
    const result = libc().ptrace(request, this.pid, 0, sig);
    // A process that SIGKILL has ended meanwhile has nothing to resume; the wait tells.
    if (result < 0 && lastErrno() !== ESRCH) must(result, `resuming process ${this.pid}`);
  }

  /** The next stop. Throws HUNG when the launcher's alarm was what ended the wait. */
  wait(): Stop {
    const stop = this.stopOf(waitBlocking(this.pid));
    if (stop.kind !== 'signal' || stop.sig !== SIGALRM || this.signalCode() !== SI_KERNEL) return stop;
    throw new NativeError('HUNG', `process ${this.pid} did not stop for ten seconds`);
  }

  private stopOf(status: number): Stop {
    if ((status & 0xff) === 0x7f) {
      const sig = (status >> 8) & 0xff;
      return sig === (5 | 0x80) ? { kind: 'syscall' } : { kind: 'signal', sig };
    }
    this.ended();
    const sig = status & 0x7f;
    return sig === 0 ? { kind: 'exited', status: (status >> 8) & 0xff } : { kind: 'killed', sig };
  }

  registers(): Registers {
    this.regset(PTRACE.GETREGSET, NT.PRSTATUS, buffers().general, REGISTERS_SIZE);
    return readRegisters(buffers().general.view);
  }

  /** Changes some registers and leaves the others. */
  setRegisters(values: Partial<Registers>): void {
    const { general } = buffers();
    this.regset(PTRACE.GETREGSET, NT.PRSTATUS, general, REGISTERS_SIZE);
    for (const name of Object.keys(values) as RegisterName[]) {
      general.view.setUint32(REGISTER_AT[name], values[name] ?? 0, true);
    }
    this.regset(PTRACE.SETREGSET, NT.PRSTATUS, general, REGISTERS_SIZE);
  }

  /** The FXSAVE image, 512 bytes. */
  fxsave(): Uint8Array {
    const { fpu } = buffers();
    this.regset(PTRACE.GETREGSET, NT.PRXFPREG, fpu, FXSAVE_SIZE);
    return new Uint8Array(fpu.view.buffer, fpu.view.byteOffset, FXSAVE_SIZE).slice();
  }

  private regset(request: number, set: number, target: Block, size: number): void {
    const { vector } = buffers();
    vector.view.setBigUint64(0, target.address, true);
    vector.view.setBigUint64(8, BigInt(size), true);
    must(libc().ptrace(request, this.pid, set, vector.address), 'PTRACE_GETREGSET');
  }

  /** null where not all of it can be read. */
  read(address: number, length: number): Uint8Array | null {
    const bytes = new Uint8Array(length);
    try {
      const got = readSync(this.memory(), bytes, 0, length, address);
      return got === length ? bytes : null;
    } catch {
      return null;
    }
  }

  /** Whatever the protection of the page. */
  write(address: number, bytes: Uint8Array): void {
    writeSync(this.memory(), bytes, 0, bytes.length, address);
  }

  private memory(): number {
    if (this.memoryFile < 0) this.memoryFile = openSync(`/proc/${this.pid}/mem`, 'r+');
    return this.memoryFile;
  }

  /** Queues a signal to the thread, as tgkill from another process. */
  post(sig: number): void {
    must(libc().syscall3(NR_TGKILL, this.pid, this.pid, sig), 'tgkill');
  }

  /** Queues a signal to the process, as kill from another process. */
  postToProcess(sig: number): void {
    must(libc().kill(this.pid, sig), 'kill');
  }

  /** Blocked, and pending for the thread and for the process, by /proc/PID/status. */
  signalSets(): Readonly<Record<'blocked' | 'thread' | 'process', SignalBits>> {
    const fd = openSync(`/proc/${this.pid}/status`, 'r');
    const length = readSync(fd, statusBuffer, 0, statusBuffer.length, 0);
    closeSync(fd);
    const status = statusBuffer.toString('latin1', 0, length);
    const bits = (name: string): SignalBits => {
      const at = status.indexOf(`\n${name}:`) + name.length + 3;
      const half = (from: number) => Number.parseInt(status.slice(at + from, at + from + 8), 16);
      return { high: half(0), low: half(8) };
    };
    return { blocked: bits('SigBlk'), thread: bits('SigPnd'), process: bits('ShdPnd') };
  }

  /** si_code of the signal it is stopped for. */
  signalCode(): number {
    const { info } = buffers();
    must(libc().ptrace(PTRACE.GETSIGINFO, this.pid, 0, info.address), 'PTRACE_GETSIGINFO');
    return info.view.getInt32(8, true);
  }

  /** The one-letter state of proc(5): S asleep and interruptible, t stopped by us, R running. */
  state(): string {
    if (this.statFile < 0) this.statFile = openSync(`/proc/${this.pid}/stat`, 'r');
    const length = readSync(this.statFile, this.statBuffer, 0, this.statBuffer.length, 0);
    const text = this.statBuffer.toString('latin1', 0, length);
    return text.charAt(text.lastIndexOf(')') + 2);
  }

  /** Waits until it sleeps in a call: 'asleep', or 'stopped' when it stops instead. */
  awaitSleep(): 'asleep' | 'stopped' {
    for (let polls = 0; polls < SLEEP_POLLS_MAX; polls++) {
      const state = this.state();
      if (state === 'S') return 'asleep';
      if (state !== 'R' && state !== 'D') return 'stopped';
      libc().yield();
    }
    throw new NativeError('HUNG', `process ${this.pid} neither sleeps nor stops`);
  }

  /** Ends and reaps it; nothing happens when it has ended already. */
  kill(): void {
    if (!this.alive) return;
    endTraced(this.pid);
    this.ended();
  }

  private ended(): void {
    this.alive = false;
    for (const fd of [this.memoryFile, this.statFile]) if (fd >= 0) closeSync(fd);
    this.memoryFile = -1;
    this.statFile = -1;
  }
}

/** For people. */
export function describeStop(stop: Stop): string {
  switch (stop.kind) {
    case 'signal':
      return `stopped for signal ${stop.sig}`;
    case 'syscall':
      return 'a system call';
    case 'exited':
      return `exit ${stop.status}`;
    case 'killed':
      return `killed by ${stop.sig}`;
  }
}
