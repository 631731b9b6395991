import { SIG_IGN, signals } from '../abi/signals.js';
import { closeAll } from '../fs/descriptors.js';
import { releaseRobustList } from '../futex/robust.js';
import { wakeFutex } from '../futex/wake.js';
import { findProcess, type Kernel, log, processOf, threadsOf } from '../kernel.js';
import { saveShared } from '../mm/shared.js';
import { childInfo, type SigInfo } from '../siginfo.js';
import { actionOf, sendToProcess } from '../signal/send.js';
import type { ExitState, Process, Task } from '../state.js';
import { writeUserU32 } from '../user.js';
import { statusOf } from './wait.js';

/** End of threads and processes (kernel/exit.c, kernel/fork.c: mm_release). */

/** exit(2): this thread only; the last one ends the process. `status` is the whole argument. */
export function exitThread(kernel: Kernel, task: Task, status: number): void {
  log(kernel, { kind: 'exit', tid: task.tid, status });
  const last = threadsOf(kernel, task.pid).length === 1;
  endTask(kernel, task, status);
  if (last) endProcess(kernel, processOf(kernel, task), { kind: 'exited', status: status & 0xff });
}

/** exit_group(2). */
export function exitGroup(kernel: Kernel, task: Task, status: number): void {
  log(kernel, { kind: 'exit-group', tid: task.tid, pid: task.pid, status });
  endThreads(kernel, task, status);
  endProcess(kernel, processOf(kernel, task), { kind: 'exited', status: status & 0xff });
}

/** A signal whose default action ends the process. */
export function killProcess(kernel: Kernel, task: Task, info: SigInfo): void {
  const sig = info.signo;
  log(kernel, { kind: 'killed', tid: task.tid, pid: task.pid, sig, info });
  endThreads(kernel, task, sig);
  endProcess(kernel, processOf(kernel, task), { kind: 'killed', sig });
}

function endThreads(kernel: Kernel, task: Task, status: number): void {
  for (const thread of threadsOf(kernel, task.pid)) endTask(kernel, thread, status);
}

/** execve leaves one thread (fs/exec.c: de_thread). */
export function endOtherThreads(kernel: Kernel, task: Task): void {
  const SIGKILL = 9;
  for (const thread of threadsOf(kernel, task.pid)) if (thread !== task) endTask(kernel, thread, SIGKILL);
}

function endTask(kernel: Kernel, task: Task, status: number): void {
  releaseMemory(kernel, task);
  task.phase = { kind: 'dead', status };
  task.parked = null;
}

/** What a task that leaves its address space, by exit or by execve, does for those who stay (mm_release). */
export function releaseMemory(kernel: Kernel, task: Task): void {
  const shared = threadsOf(kernel, task.pid).length > 1 || processOf(kernel, task).vfork;
  releaseRobustList(kernel, task);
  if (task.clearChildTid !== 0 && shared) {
    // Somebody is left who can see it (mm_release looks at mm_users).
    writeUserU32(kernel, task, task.clearChildTid, 0);
    wakeFutex(kernel, task, task.clearChildTid, 1, 0xffffffff);
  }
  task.clearChildTid = 0;
}

function endProcess(kernel: Kernel, process: Process, exit: ExitState): void {
  closeAll(kernel, process);
  saveShared(kernel, process.mm);
  process.exit = exit;
  process.vfork = false;
  kernel.state.timers = kernel.state.timers.filter((timer) => timer.pid !== process.pid);
  leaveChildren(kernel, process);
  tellParent(kernel, process);
}

/** Orphans are adopted by init, which waits for every child at once. */
function leaveChildren(kernel: Kernel, process: Process): void {
  for (const child of kernel.state.processes) {
    if (child.parent !== process.pid) continue;
    child.parent = INIT;
    if (child.exit !== null) child.reaped = true;
  }
}

const INIT = 1;
const SA_NOCLDWAIT = 2;

/** A parent that ignores SIGCHLD, or says so, need not wait for its children: they are gone at once (do_notify_parent). */
function tellParent(kernel: Kernel, process: Process): void {
  const parent = findProcess(kernel, process.parent);
  const status = statusOf(process);
  if (parent === undefined || parent.exit !== null) process.reaped = true;
  if (parent === undefined || status === null) return;
  const { handler, flags } = actionOf(parent, signals.SIGCHLD);
  const ignores = process.exitSignal === signals.SIGCHLD && handler === SIG_IGN;
  if (ignores || (process.exitSignal === signals.SIGCHLD && (flags & SA_NOCLDWAIT) !== 0))
    process.reaped = true;
  if (process.exitSignal === 0 || ignores) return;
  const info = childInfo(process.exitSignal, status.code, process.pid, status.status);
  sendToProcess(kernel, process.pid, parent.pid, info);
}
