import { type Kernel, log, processOf } from '../kernel.js';
import { saveShared } from '../mm/shared.js';
import { newSpace } from '../mm/spaces.js';
import type { Mm } from '../mm/types.js';
import { onClone } from '../proposals/hooks.js';
import { EMPTY } from '../sigset.js';
import type { Process, Task } from '../state.js';
import { readUserU32, writeUserU32 } from '../user.js';
import {
  CLONE_CHILD_CLEARTID,
  CLONE_CHILD_SETTID,
  CLONE_PARENT_SETTID,
  CLONE_SETTLS,
  CLONE_VM,
  type CloneArgs,
  newThread,
  prepareChild,
} from './clone.js';

/** fork, vfork and clone of a new process (kernel/fork.c: copy_process). */
export const CLONE_VFORK = 0x4000;
const EXIT_SIGNAL = 0xff;
const CLONE_DETACHED = 0x400000;
const MODELLED =
  EXIT_SIGNAL |
  CLONE_VM |
  CLONE_VFORK |
  CLONE_SETTLS |
  CLONE_PARENT_SETTID |
  CLONE_CHILD_CLEARTID |
  CLONE_CHILD_SETTID |
  CLONE_DETACHED;

/** Descriptors, handlers and working directory of a new process are its own here, and there are no namespaces. */
export function isProcessClone(flags: number): boolean {
  return (flags & ~MODELLED) === 0;
}

/**
 * The new process's id, or a negative error number. As for a thread, whoever owns the register contexts copies them at the
 * 'spawn' event. With CLONE_VFORK the caller sleeps then, until the child lets go of the address space.
 */
export function forkProcess(kernel: Kernel, parent: Task, args: CloneArgs): number {
  const owner = processOf(kernel, parent);
  const pid = kernel.state.nextTid;
  const shares = (args.flags & CLONE_VM) !== 0;
  const borrows = (args.flags & CLONE_VFORK) !== 0;
  const task: Task = {
    ...newThread(parent, pid),
    pid,
    // Only a child that runs beside its parent on the same memory loses the alternate stack (sas_ss_reset).
    ...(shares && !borrows ? {} : { altStack: parent.altStack }),
  };
  const error = prepareChild(kernel, parent, task, args);
  if (error !== 0) return error;
  const mm: Mm = shares ? owner.mm : { ...owner.mm, id: newSpace(kernel) };
  const child = newProcess(kernel, owner, pid, mm, args.flags & EXIT_SIGNAL, shares && borrows);
  kernel.state.processes = [...kernel.state.processes, child];
  kernel.state.tasks = [...kernel.state.tasks, task];
  if (shares) setChildTid(kernel, parent, args, pid);
  else copyMemory(kernel, parent, owner.mm, mm.id, args, pid);
  onClone(kernel, parent, task);
  log(kernel, { kind: 'spawn', tid: parent.tid, child: pid });
  return pid;
}

function newProcess(
  kernel: Kernel,
  parent: Process,
  pid: number,
  mm: Mm,
  exitSignal: number,
  vfork: boolean,
): Process {
  for (const entry of parent.fds) {
    const file = entry === null ? undefined : kernel.state.openFiles.find(({ id }) => id === entry.file);
    if (file !== undefined) file.references++;
  }
  return {
    ...parent,
    pid,
    parent: parent.pid,
    exitSignal,
    pending: { set: EMPTY, infos: [] },
    mm,
    vfork,
    program: { ...parent.program, executed: false },
    stop: null,
    continued: false,
    exit: null,
    reaped: false,
  };
}

function setChildTid(kernel: Kernel, parent: Task, args: CloneArgs, pid: number): void {
  if ((args.flags & CLONE_CHILD_SETTID) !== 0) writeUserU32(kernel, parent, args.childTid, pid);
}

/** The child's id is written in the child's memory only (schedule_tail). */
function copyMemory(kernel: Kernel, parent: Task, from: Mm, to: number, args: CloneArgs, pid: number): void {
  saveShared(kernel, from);
  const before = readUserU32(kernel, parent, args.childTid);
  setChildTid(kernel, parent, args, pid);
  kernel.machine.copySpace(to);
  if (before !== null) setChildTid(kernel, parent, args, before);
}
