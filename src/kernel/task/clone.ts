import { errno } from '../abi/errno.js';
import { type Kernel, log } from '../kernel.js';
import { onClone } from '../proposals/hooks.js';
import { NO_ALT_STACK } from '../signal/altstack.js';
import { EMPTY } from '../sigset.js';
import type { Task } from '../state.js';
import { writeUserU32 } from '../user.js';
import { setThreadArea } from './tls.js';

/** clone(2) for threads (kernel/fork.c). */
export const CLONE_VM = 0x100;
export const CLONE_FS = 0x200;
export const CLONE_FILES = 0x400;
export const CLONE_SIGHAND = 0x800;
export const CLONE_THREAD = 0x10000;
export const CLONE_SETTLS = 0x80000;
export const CLONE_PARENT_SETTID = 0x100000;
export const CLONE_CHILD_CLEARTID = 0x200000;
export const CLONE_CHILD_SETTID = 0x1000000;

const THREAD_FLAGS = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;

export interface CloneArgs {
  readonly flags: number;
  readonly stack: number;
  readonly parentTid: number;
  readonly tls: number;
  readonly childTid: number;
}

/** True when the flags ask for a thread of the same process as both C libraries do. */
export function isThreadClone(flags: number): boolean {
  return (flags & THREAD_FLAGS) === THREAD_FLAGS;
}

/**
 * The new thread's id, or a negative error number. The child starts with the parent's registers but for EAX = 0 and its
 * stack: whoever owns the register contexts copies them when it sees the 'spawn' event.
 */
export function cloneThread(kernel: Kernel, parent: Task, args: CloneArgs): number {
  const child = newThread(parent, kernel.state.nextTid);
  const error = prepareChild(kernel, parent, child, args);
  if (error !== 0) return error;
  if ((args.flags & CLONE_CHILD_SETTID) !== 0) writeUserU32(kernel, parent, args.childTid, child.tid);
  kernel.state.tasks = [...kernel.state.tasks, child];
  onClone(kernel, parent, child);
  log(kernel, { kind: 'spawn', tid: parent.tid, child: child.tid });
  return child.tid;
}

/** What threads and processes have in common: TLS, and the ids that are written for the parent and at the end. */
export function prepareChild(kernel: Kernel, parent: Task, child: Task, args: CloneArgs): number {
  if ((args.flags & CLONE_SETTLS) !== 0) {
    const error = setThreadArea(kernel, parent, child, args.tls, false);
    if (error !== 0) return error;
  }
  kernel.state.nextTid++;
  if ((args.flags & CLONE_PARENT_SETTID) !== 0 && !writeUserU32(kernel, parent, args.parentTid, child.tid)) {
    return -errno.EFAULT;
  }
  if ((args.flags & CLONE_CHILD_CLEARTID) !== 0) child.clearChildTid = args.childTid;
  return 0;
}

/** A task as copy_process begins with it, for a thread of `parent`'s process. */
export function newThread(parent: Task, tid: number): Task {
  return {
    tid,
    pid: parent.pid,
    phase: { kind: 'user' },
    origEax: -1,
    blocked: parent.blocked,
    savedMask: null,
    pending: { set: EMPTY, infos: [] },
    signalPending: false,
    // A new thread of the same address space has no alternate stack (sas_ss_reset).
    altStack: NO_ALT_STACK,
    lastTrap: parent.lastTrap,
    tls: parent.tls,
    clearChildTid: 0,
    robustList: 0,
    restartBlock: null,
    parked: null,
    stopped: false,
    yielded: false,
  };
}
