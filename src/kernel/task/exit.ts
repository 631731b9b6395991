import { closeAll } from '../fs/descriptors.js';
import { releaseRobustList } from '../futex/robust.js';
import { wakeFutex } from '../futex/wake.js';
import { type Kernel, log, processOf, threadsOf } from '../kernel.js';
import { saveShared } from '../mm/shared.js';
import type { SigInfo } from '../siginfo.js';
import type { ExitState, Process, Task } from '../state.js';
import { writeUserU32 } from '../user.js';
import { tellParent } from './parent.js';
import { endOf } from './wait.js';

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
  task.stopped = false;
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
  process.stop = null;
  kernel.state.timers = kernel.state.timers.filter((timer) => timer.pid !== process.pid);
  leaveChildren(kernel, process);
  const status = endOf(process);
  if (status !== null) tellParent(kernel, process, status);
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
