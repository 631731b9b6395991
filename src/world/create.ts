// From files to a world that stands at the program's first instruction.
import { AMD64_SEGMENTS, Cpu, I386_SEGMENTS } from '../cpu/index.js';
import { signals } from '../kernel/abi/signals.js';
import { addObject, addOpenFile, installFd } from '../kernel/fs/descriptors.js';
import { createDirectory, createFile, lookUp, plantTree } from '../kernel/fs/tree.js';
import { O_WRONLY } from '../kernel/fs/types.js';
import type { Event } from '../kernel/history.js';
import type { Kernel, KernelConfig } from '../kernel/kernel.js';
import { EMPTY } from '../kernel/sigset.js';
import { DEFAULT_ACTION, type KernelState, type Task } from '../kernel/state.js';
import { NO_TLS } from '../kernel/task/tls.js';
import { executor, setUpStack } from './execute.js';
import { type LoadedProgram, loadProgram, refusal } from './load.js';
import { MARKS } from './marks.js';
import type { LoadError, PlantedFile, WorldOptions } from './options.js';
import { World } from './world.js';

export type CreateResult =
  | { readonly ok: true; readonly world: World }
  | { readonly ok: false; readonly error: LoadError };

/** The first process; its parent is not in the model. */
const FIRST_PID = 100;
const ROOT = { uid: 0, gid: 0 };
/** 1 March 2016, 00:00 UTC: the clock of every run starts here. */
const BOOT_TIME = 1_456_790_400;

/** A world in which the program is about to execute its first instruction. */
export function createWorld(options: WorldOptions): CreateResult {
  const { vdso } = options;
  const error = refusal(options.program);
  if (error !== null) return { ok: false, error };
  const cpu = Cpu.create(vdso.flavour === 'amd64' ? AMD64_SEGMENTS : I386_SEGMENTS);
  const program = loadProgram(cpu, options.program, vdso, options.overlay);
  const history: Event[] = [];
  const kernel: Kernel = {
    state: initialState(program, options),
    config: configFor(options, program),
    machine: cpu,
    execute: executor(cpu, options),
    history,
    observers: [],
  };
  plantTree(kernel);
  for (const file of options.files ?? []) plantFile(kernel, file);
  if (options.path !== undefined)
    plantFile(kernel, { path: options.path, content: options.program.bytes, executable: true });
  openStandardStreams(kernel, options.stdin ?? new Uint8Array(0));
  const { args, env = [] } = options;
  const esp = setUpStack(cpu, options.program, vdso, program, { path: args[0] ?? '', args, env });
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
    // Only the vDSO of such a kernel restarts the syscall; all others have an int $0x80 for that.
    syscallKeepsEbp: vdso.cpu === 'syscall' && vdso.restart === vdso.trap,
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
    user: like?.user ?? ROOT,
  };
}

/** Where the program is in the in-memory tree when nothing says it. */
const PROGRAM_PATH = '/program';

function initialState(program: LoadedProgram, options: WorldOptions): KernelState {
  const { pid = FIRST_PID, args, path = PROGRAM_PATH } = options;
  return {
    now: 0,
    nextTid: pid + 1,
    nextId: 1,
    nextSleep: 0,
    locks: [],
    ipc: [],
    tasks: [firstTask(pid)],
    processes: [
      {
        pid,
        parent: 1,
        actions: Array.from({ length: 64 }, () => DEFAULT_ACTION),
        pending: { set: EMPTY, infos: [] },
        fds: [],
        group: pid,
        session: 1,
        exitSignal: signals.SIGCHLD,
        mm: { id: 0, vmas: program.vmas, startBrk: program.startBrk, brk: program.startBrk },
        vfork: false,
        cwd: '/',
        umask: 0o22,
        program: { path, args, executed: false },
        stop: null,
        continued: false,
        exit: null,
        reaped: false,
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
    stopped: false,
    yielded: false,
  };
}

/** With the directories above it. */
function plantFile(kernel: Kernel, { path, content, executable = false }: PlantedFile): void {
  const parts = path.split('/').slice(1, -1);
  for (let i = 1; i <= parts.length; i++) {
    const above = `/${parts.slice(0, i).join('/')}`;
    if (!lookUp(kernel, above).ok) createDirectory(kernel, above);
  }
  const made = createFile(kernel, path, executable ? 0o755 : 0o644);
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
