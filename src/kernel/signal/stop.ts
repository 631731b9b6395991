import { signals } from '../abi/signals.js';
import { isAlive, type Kernel, processOf, threadsOf } from '../kernel.js';
import type { EntryForm, Process, Task } from '../state.js';
import { tellParent } from '../task/parent.js';
import { CLD_CONTINUED, CLD_STOPPED } from '../task/wait.js';

/**
 * Job control (kernel/signal.c: do_signal_stop, prepare_signal). A thread stops on its way back to user mode, so that
 * interrupted calls are restarted or not as after any signal without a handler.
 */

/** The default action of SIGSTOP and its like: every thread of the process stops as soon as it leaves the kernel. */
export function stopProcess(kernel: Kernel, task: Task, sig: number): void {
  const owner = processOf(kernel, task);
  owner.stop = { sig, told: false };
  owner.continued = false;
  for (const thread of threadsOf(kernel, task.pid)) {
    thread.signalPending = true;
    const { phase } = thread;
    if (phase.kind === 'asleep' && phase.wait.interruptible)
      thread.phase = { kind: 'woken', call: phase.call, wait: phase.wait };
  }
  tellParent(kernel, owner, { code: CLD_STOPPED, status: sig });
}

/** True when the task has stopped in place of going back to user mode. */
export function stopsHere(kernel: Kernel, task: Task, form: EntryForm | null): boolean {
  if (!task.signalPending || !isAlive(task) || processOf(kernel, task).stop === null) return false;
  task.phase = { kind: 'exit', form };
  task.stopped = true;
  return true;
}

/** SIGCONT, whatever its action is, lets a stopped process go on when it is sent; so does SIGKILL, to its end. */
export function resumeFor(kernel: Kernel, owner: Process, sig: number): void {
  if (owner.stop === null || (sig !== signals.SIGCONT && sig !== signals.SIGKILL)) return;
  owner.stop = null;
  for (const thread of threadsOf(kernel, owner.pid)) {
    thread.stopped = false;
    // What the stop interrupted is still to be settled.
    thread.signalPending = true;
  }
  if (sig !== signals.SIGCONT) return;
  owner.continued = true;
  tellParent(kernel, owner, { code: CLD_CONTINUED, status: sig });
}
