/**
 * One program twice, in the model and on this machine's kernel, in the same state: at the start of `main`. Addresses agree
 * because the real process runs without randomisation and the model lays memory out the same way (world/layout.ts).
 *
 * The model is brought there once. For each run a new real process is started, and the model gets its process id and its
 * memory: that is where they differ, since the C library keeps ids and random bytes.
 */
import type { ElfFile } from '../elf/index.js';
import type { KernelState } from '../kernel/state.js';
import type { VdsoImage } from '../vdso/index.js';
import { createWorld } from '../world/create.js';
import { STACK_TOP } from '../world/layout.js';
import type { World, WorldSnapshot } from '../world/world.js';
import { againAfterHang } from './errors.js';
import { probeMachine } from './probe.js';
import { Tracee } from './tracee.js';

export interface Subject {
  readonly program: ElfFile;
  readonly path: string;
  readonly args: readonly string[];
  /** This machine's. */
  readonly vdso: VdsoImage;
  /** Where comparing starts. */
  readonly start: number;
}

export interface Pair {
  readonly world: World;
  readonly tracee: Tracee;
}

/** The model at the start of main. */
export interface Model {
  readonly subject: Subject;
  readonly world: World;
  readonly atStart: WorldSnapshot;
  readonly xsaveSize: number | null;
}

type Result<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly reason: string };

/** Instructions the C library may run before main. */
const START_BOUND = 200_000;
const INT3 = Uint8Array.of(0xcc);

export function startModel(subject: Subject, ptrace: 'attached' | 'stepped'): Result<{ model: Model }> {
  const probe = probeMachine();
  if (!probe.ok) return probe;
  const { path, args, vdso, program } = subject;
  const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const like = { xsave: probe.xsave, ptrace, user };
  const created = createWorld({ program, vdso, args: [path, ...args], like });
  if (!created.ok) return { ok: false, reason: created.error.message };
  const { world } = created;
  const problem = againAfterHang(() => prepare(world, subject));
  if (problem !== undefined) {
    world.close();
    return { ok: false, reason: problem };
  }
  const atStart = world.snapshot();
  return { ok: true, model: { subject, world, atStart, xsaveSize: probe.xsave?.size ?? null } };
}

/** The real arguments, environment and auxiliary vector, then on to main. Returns what is wrong. */
function prepare(world: World, { path, args, start }: Subject): string | undefined {
  const started = Tracee.start([path, ...args]);
  if (!started.ok) return started.reason;
  const { tracee } = started;
  try {
    const { esp, eip } = tracee.registers();
    const bytes = tracee.read(esp, STACK_TOP - esp);
    if (bytes === null || !world.cpu.write(esp, bytes)) return 'the stack is not where the model has it';
    const entry = world.cpu.get('eip');
    if (eip !== entry)
      return `the kernel loaded it elsewhere: entry 0x${eip.toString(16)}, not 0x${entry.toString(16)}`;
    world.cpu.set('esp', esp);
  } finally {
    tracee.kill();
  }
  for (let count = 0; world.cpu.get('eip') !== start; count++) {
    if (count > START_BOUND || world.schedule() !== null) return 'the model does not reach main';
    world.advance(1);
  }
  return undefined;
}

/** A new real process at the start of main, and the model made equal to it. */
export function startPair(model: Model): Result<Pair> {
  const { subject, world } = model;
  const started = Tracee.start([subject.path, ...subject.args]);
  if (!started.ok) return started;
  const { tracee } = started;
  let there = false;
  try {
    there = runTo(tracee, subject.start);
  } finally {
    if (!there) tracee.kill();
  }
  if (!there) return { ok: false, reason: `${subject.path} ends before main` };
  world.restore(withPid(model.atStart, tracee.pid));
  copyMemory(world, tracee);
  return { ok: true, world, tracee };
}

/** Lets the process run to an address by a breakpoint there. False when it ends before. */
export function runTo(tracee: Tracee, address: number): boolean {
  const original = tracee.read(address, 1);
  if (original === null) return false;
  tracee.write(address, INT3);
  const SIGTRAP = 5;
  tracee.resume('continue');
  let stop = tracee.wait();
  // Signals on the way are the program's own, and so are other breakpoints.
  while (
    stop.kind === 'signal' &&
    (stop.sig !== SIGTRAP || tracee.registers().eip !== address + INT3.length)
  ) {
    tracee.resume('continue', stop.sig);
    stop = tracee.wait();
  }
  if (stop.kind !== 'signal') return false;
  tracee.write(address, original);
  tracee.setRegisters({ eip: address });
  return true;
}

/** The same state, as if the process had been given another id. */
function withPid(snapshot: WorldSnapshot, pid: number): WorldSnapshot {
  const { state } = snapshot;
  const [task] = state.tasks;
  const [process] = state.processes;
  if (task === undefined || process === undefined) return snapshot;
  const renamed: KernelState = {
    ...state,
    nextTid: pid + 1,
    tasks: [{ ...task, tid: pid, pid }],
    processes: [{ ...process, pid, group: pid, session: pid }],
  };
  return { ...snapshot, state: renamed, current: pid };
}

const PROT_WRITE = 2;
/** Below the stack pointer there may be something worth having, but not all of the stack. */
const BELOW_STACK = 4096;

function copyMemory(world: World, tracee: Tracee): void {
  for (const vma of world.kernel.state.processes[0]?.mm.vmas ?? []) {
    if ((vma.protection & PROT_WRITE) === 0) continue;
    const start = vma.growsDown ? Math.max(vma.start, world.cpu.get('esp') - BELOW_STACK) : vma.start;
    const bytes = tracee.read(start, vma.end - start);
    if (bytes !== null) world.cpu.write(start, bytes);
  }
}
