import {
  defaultAction,
  SA_NODEFER,
  SA_RESETHAND,
  SIG_DFL,
  SIG_IGN,
  signalName,
  signals,
} from '../abi/signals.js';
import { restartForHandler, restartWithoutHandler } from '../entry/restart.js';
import { type Kernel, log, processOf } from '../kernel.js';
import { hasUnsettledCode, keptAway, onDelivery } from '../proposals/hooks.js';
import { faultInfo, type SigInfo } from '../siginfo.js';
import { only, union } from '../sigset.js';
import type { Process, SigAction, Task } from '../state.js';
import { killProcess } from '../task/exit.js';
import { setupFrame } from './frame.js';
import { dequeueSignal, recalcSignalPending, setBlocked } from './pending.js';
import { actionOf, forceSignal } from './send.js';
import { stopProcess } from './stop.js';

/**
 * The signal part of the way back to user mode (kernel/entry/common.c: exit_to_user_mode_loop, arch/x86/kernel/signal.c):
 * repeats until nothing is left, so several frames can be built at one exit; the last one built runs first.
 */
export function deliverSignals(kernel: Kernel, task: Task): void {
  if (hasUnsettledCode(kernel, task)) withoutHandler(kernel, task);
  while (task.signalPending && task.phase.kind !== 'dead') {
    if (processOf(kernel, task).stop !== null) return;
    const taken = nextHandled(kernel, task);
    if (taken === null) {
      const { exit, stop } = processOf(kernel, task);
      if (exit === null && stop === null) withoutHandler(kernel, task);
      return;
    }
    handle(kernel, task, taken);
  }
}

interface Taken {
  readonly info: SigInfo;
  /** From the process's queue, not the thread's. */
  readonly shared: boolean;
}

/** Takes signals until one has a handler; ignored ones vanish, a fatal one ends the process. */
function nextHandled(kernel: Kernel, task: Task): Taken | null {
  const owner = processOf(kernel, task);
  for (;;) {
    const own = task.pending.infos;
    const info = dequeueSignal(kernel, task, keptAway(kernel, task));
    if (info === null) return null;
    const shared = task.pending.infos === own;
    const action = actionOf(owner, info.signo);
    if (action.handler === SIG_IGN) continue;
    if (action.handler !== SIG_DFL) return { info, shared };
    switch (defaultAction(info.signo)) {
      case 'ignore':
      case 'continue':
        continue;
      case 'stop':
        stopProcess(kernel, task, info.signo);
        return null;
      case 'terminate':
        killProcess(kernel, task, info);
        return null;
    }
  }
}

function withoutHandler(kernel: Kernel, task: Task): void {
  restartWithoutHandler(kernel, task);
  if (task.savedMask !== null) {
    const mask = task.savedMask;
    task.savedMask = null;
    setBlocked(kernel, task, mask);
  }
}

function handle(kernel: Kernel, task: Task, taken: Taken): void {
  const { info } = taken;
  const owner = processOf(kernel, task);
  const action = actionOf(owner, info.signo);
  if ((action.flags & SA_RESETHAND) !== 0) resetHandler(owner, info.signo);
  restartForHandler(kernel, task, action.flags);
  const { machine } = kernel;
  const context = {
    eip: machine.get('eip'),
    esp: machine.get('esp'),
    eax: machine.get('eax'),
    origEax: task.origEax,
  };
  const frame = setupFrame(kernel, task, action, info, task.savedMask ?? task.blocked);
  if (frame === null) {
    frameFailed(kernel, task, owner, info.signo, context.eip);
    return;
  }
  const { handler, flags } = action;
  log(kernel, { kind: 'deliver', tid: task.tid, sig: info.signo, info, handler, frame, context, flags });
  onDelivery(kernel, task, action, taken, frame);
  delivered(kernel, task, action, info.signo);
}

function delivered(kernel: Kernel, task: Task, action: SigAction, sig: number): void {
  task.savedMask = null;
  const mask = union(task.blocked, action.mask);
  setBlocked(kernel, task, (action.flags & SA_NODEFER) !== 0 ? mask : union(mask, only(sig)));
}

function resetHandler(owner: Process, sig: number): void {
  owner.actions = owner.actions.map((old, i) => (i === sig - 1 ? { ...old, handler: SIG_DFL } : old));
}

/** The frame could not be written: SIGSEGV, and a fatal one when it was SIGSEGV that could not be delivered. */
function frameFailed(kernel: Kernel, task: Task, owner: Process, sig: number, at: number): void {
  const what = `no room for the frame of ${signalName(sig)}`;
  log(kernel, {
    kind: 'fault',
    tid: task.tid,
    sig: signals.SIGSEGV,
    at,
    address: kernel.machine.get('esp'),
    what,
  });
  if (sig === signals.SIGSEGV) resetHandler(owner, sig);
  forceSignal(kernel, task, faultInfo(signals.SIGSEGV, 0x80, 0));
  recalcSignalPending(kernel, task);
}
