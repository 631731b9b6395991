import type { FileLock } from './fs/locks.js';
import type { FileObject, OpenFile } from './fs/types.js';
import type { IpcObject } from './ipc/types.js';
import type { Mm } from './mm/types.js';
import type { TaskProposal } from './proposals/types.js';
import type { SigInfo } from './siginfo.js';
import type { SignalSet } from './sigset.js';

/**
 * The kernel's whole state as plain data. Whatever is `readonly` and nested (sets, siginfos, calls, waits) is immutable and
 * shared between copies; the rest is copied by copyState. No closures, no cycles: references are ids.
 */
export interface KernelState {
  /** Nanoseconds since boot; moves only when every task sleeps. */
  now: number;
  /** Threads and processes. */
  nextTid: number;
  /** Files and the objects behind them. */
  nextId: number;
  /** Order of going to sleep: futex queues are first in, first out. */
  nextSleep: number;
  tasks: Task[];
  processes: Process[];
  openFiles: OpenFile[];
  objects: FileObject[];
  timers: Timer[];
  locks: readonly FileLock[];
  ipc: readonly IpcObject[];
}

/** How user mode entered the kernel; `interrupt` is anything but a system call. */
export type EntryForm = 'int80' | 'sysenter' | 'syscall';

export interface Call {
  readonly nr: number;
  /** ebx, ecx, edx, esi, edi, ebp, unsigned. */
  readonly args: readonly [number, number, number, number, number, number];
  readonly form: EntryForm;
  /** What the call keeps while it sleeps, null before it has slept. */
  readonly progress: Progress | null;
  /** The number carried a proposal's mark; absent in Linux. */
  readonly cancellable?: true;
}

export interface Progress {
  /** Absolute, in nanoseconds of KernelState.now. */
  readonly deadline?: number | null;
  /** Bytes already transferred. */
  readonly done?: number;
  /** A futex waiter was chosen by a waker. */
  readonly woken?: boolean;
  /** The child that vfork waits for. */
  readonly child?: number;
}

export type Condition =
  | { readonly kind: 'never' }
  | { readonly kind: 'readable'; readonly file: number }
  | { readonly kind: 'writable'; readonly file: number }
  /** One of these poll events, or an error or hang-up, is true of the file. */
  | { readonly kind: 'events'; readonly file: number; readonly events: number }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'futex'; readonly address: number; readonly bitset: number; readonly order: number }
  | { readonly kind: 'signal'; readonly set: SignalSet }
  /** Nobody else's lock is in the way of this one. */
  | { readonly kind: 'unlocked'; readonly lock: FileLock }
  /** The listening socket takes a connection more, or no longer listens. */
  | { readonly kind: 'connectable'; readonly socket: number }
  /** The message queue or semaphores are not what they were, or are gone. */
  | { readonly kind: 'ipc'; readonly id: number; readonly version: number }
  /** A child that wait4 or waitid asks for has something to tell, or there is none any more. */
  | { readonly kind: 'child'; readonly wanted: WaitFor }
  /** The child of vfork has let go of the address space. */
  | { readonly kind: 'vfork'; readonly child: number };

/** Which children a wait is about, and which of their changes. */
export interface WaitFor {
  readonly pid: number | null;
  readonly group: number | null;
  /** __WALL, __WCLONE: children whose end is told by another signal than SIGCHLD, too or only. */
  readonly clones: 'not' | 'only' | 'too';
  readonly exited: boolean;
  readonly stopped: boolean;
  readonly continued: boolean;
}

export interface Wait {
  readonly until: Condition;
  readonly deadline: number | null;
  /** False: only a fatal signal ends the sleep (TASK_KILLABLE). */
  readonly interruptible: boolean;
}

/** Where a task is between two of its steps. Every boundary is a point where something else may happen. */
export type Phase =
  | { readonly kind: 'user' }
  /** Trapped; the call has not looked at anything yet. */
  | { readonly kind: 'entry'; readonly call: Call }
  | { readonly kind: 'asleep'; readonly call: Call; readonly wait: Wait }
  /** Its sleep is over; the call is about to look again. */
  | { readonly kind: 'woken'; readonly call: Call; readonly wait: Wait }
  /** The result is in EAX; user mode has not resumed. */
  | { readonly kind: 'exit'; readonly form: EntryForm | null }
  | { readonly kind: 'dead'; readonly status: number };

export interface SignalQueue {
  set: SignalSet;
  /** In order of arrival. */
  infos: readonly SigInfo[];
}

export interface AltStack {
  readonly sp: number;
  readonly size: number;
  readonly flags: number;
}

export interface LastTrap {
  readonly number: number;
  readonly error: number;
  readonly cr2: number;
}

/** A GDT TLS entry as its two descriptor words. */
export interface TlsEntry {
  readonly low: number;
  readonly high: number;
}

export interface CalleeSaved {
  readonly ebx: number;
  readonly esi: number;
  readonly edi: number;
  readonly ebp: number;
  readonly esp: number;
  readonly df: boolean;
}

export interface Task {
  readonly tid: number;
  readonly pid: number;
  phase: Phase;
  /** pt_regs->orig_ax: the call's number, -1 when the kernel was not entered by a call. */
  origEax: number;
  blocked: SignalSet;
  /** The mask that sigsuspend, ppoll or pselect replaced, restored when no handler runs. */
  savedMask: SignalSet | null;
  pending: SignalQueue;
  /** TIF_SIGPENDING: what signal_pending() looks at. */
  signalPending: boolean;
  altStack: AltStack;
  /** thread.trap_nr, error_code and cr2: the last CPU exception, shown in every later frame. */
  lastTrap: LastTrap;
  tls: readonly [TlsEntry, TlsEntry, TlsEntry];
  clearChildTid: number;
  robustList: number;
  /** The call that restart_syscall continues. */
  restartBlock: Call | null;
  /** A parked task waits for the explorer, not for Linux: it is not runnable until it is released. */
  parked: number | null;
  /** What a sigreturn put into CS and SS and cannot be loaded: the return to user mode faults on it. */
  unloadable?: { readonly cs: number; readonly ss: number };
  /** What a proposal keeps; absent in Linux. */
  proposal?: TaskProposal;
  /** By job control, on the way back to user mode (in phase 'exit'). */
  stopped: boolean;
  /** It called sched_yield: the next choice of a task begins with the others. */
  yielded: boolean;
}

export interface SigAction {
  readonly handler: number;
  readonly flags: number;
  readonly mask: SignalSet;
  readonly restorer: number;
}

export interface FdEntry {
  readonly file: number;
  readonly closeOnExec: boolean;
}

export type ExitState =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly sig: number };

/** What a process runs, as /proc/PID tells it. */
export interface Program {
  /** Absolute path. */
  readonly path: string;
  readonly args: readonly string[];
  /** It came by execve: the parent cannot move it to another process group any more. */
  readonly executed: boolean;
}

export interface Process {
  readonly pid: number;
  /** 1 when the parent is gone, or is not in the model. */
  parent: number;
  group: number;
  session: number;
  /** The signal that tells the parent of its end; 0 for none. */
  readonly exitSignal: number;
  /** Index is the signal number - 1. */
  actions: readonly SigAction[];
  pending: SignalQueue;
  fds: readonly (FdEntry | null)[];
  /** Shared with the parent while `vfork` is true: the same object. */
  mm: Mm;
  /** Runs in its parent's address space, and the parent waits until it has one of its own or ends. */
  vfork: boolean;
  cwd: string;
  umask: number;
  program: Program;
  /** Job control: the signal that stops it, and whether the parent was told by a wait. */
  stop: { readonly sig: number; readonly told: boolean } | null;
  /** SIGCONT let it go on, which no wait has told. */
  continued: boolean;
  exit: ExitState | null;
  /** Somebody has waited for it, or nobody will: its id is free. */
  reaped: boolean;
}

export interface Timer {
  readonly id: number;
  readonly pid: number;
  /** Target thread for SIGEV_THREAD_ID, null for the process. */
  readonly tid: number | null;
  readonly sig: number;
  readonly value: number;
  readonly clock: number;
  /** Interval timers of setitimer(ITIMER_REAL) and alarm have no POSIX id. */
  readonly posix: boolean;
  deadline: number | null;
  /** Nanoseconds, 0 for once. */
  interval: number;
  /** When it expired, until its signal is taken: only then an interval timer is set again. */
  expired: number | null;
  /** Expirations without a signal of their own before the last one taken (timer_getoverrun). */
  overrun: number;
}

export const DEFAULT_ACTION: SigAction = { handler: 0, flags: 0, mask: { low: 0, high: 0 }, restorer: 0 };

function copyQueue(queue: SignalQueue): SignalQueue {
  return { set: queue.set, infos: queue.infos };
}

/** An independent copy; about a microsecond for a program with three threads. */
export function copyState(state: KernelState): KernelState {
  const mms = new Map(state.processes.map(({ mm }) => [mm, { ...mm }]));
  return {
    now: state.now,
    nextTid: state.nextTid,
    nextId: state.nextId,
    nextSleep: state.nextSleep,
    tasks: state.tasks.map((task) => ({ ...task, pending: copyQueue(task.pending) })),
    processes: state.processes.map((process) => ({
      ...process,
      pending: copyQueue(process.pending),
      mm: mms.get(process.mm) ?? process.mm,
    })),
    openFiles: state.openFiles.map((file) => ({ ...file })),
    objects: state.objects.map((object) => ({ ...object })),
    timers: state.timers.map((timer) => ({ ...timer })),
    locks: state.locks,
    ipc: state.ipc,
  };
}
