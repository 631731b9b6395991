import { signals } from '../abi/signals.js';
import { closeAll } from '../fs/descriptors.js';
import { releaseRobustList } from '../futex/robust.js';
import { wakeFutex } from '../futex/wake.js';
import { type Kernel, log, processOf, threadsOf } from '../kernel.js';
import { childInfo, type SigInfo } from '../siginfo.js';
import { sendToProcess } from '../signal/send.js';
import type { ExitState, Process, Task } from '../state.js';
import { writeUserU32 } from '../user.js';

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

/** A signal whose default action ends the process. `core` adds the core dump flag to the wait status. */
export function killProcess(kernel: Kernel, task: Task, info: SigInfo, core: boolean): void {
  const sig = info.signo;
  log(kernel, { kind: 'killed', tid: task.tid, pid: task.pid, sig, info });
  const status = sig | (core ? 0x80 : 0);
  endThreads(kernel, task, status);
  endProcess(kernel, processOf(kernel, task), { kind: 'killed', sig });
}

function endThreads(kernel: Kernel, task: Task, status: number): void {
  for (const thread of threadsOf(kernel, task.pid)) endTask(kernel, thread, status);
}

function endTask(kernel: Kernel, task: Task, status: number): void {
  const shared = threadsOf(kernel, task.pid).length > 1;
  releaseRobustList(kernel, task);
  if (task.clearChildTid !== 0 && shared) {
    // Somebody is left who can see it (mm_release looks at mm_users).
    writeUserU32(kernel, task, task.clearChildTid, 0);
    wakeFutex(kernel, task, task.clearChildTid, 1, 0xffffffff);
  }
  task.phase = { kind: 'dead', status };
  task.parked = null;
}

function endProcess(kernel: Kernel, process: Process, exit: ExitState): void {
  closeAll(kernel, process);
  process.exit = exit;
  kernel.state.timers = kernel.state.timers.filter((timer) => timer.pid !== process.pid);
  const CLD_EXITED = 1;
  const CLD_KILLED = 2;
  const [code, status] = exit.kind === 'exited' ? [CLD_EXITED, exit.status] : [CLD_KILLED, exit.sig];
  sendToProcess(kernel, process.pid, process.parent, childInfo(signals.SIGCHLD, code, process.pid, status));
}
