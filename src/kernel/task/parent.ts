import { SA_NOCLDSTOP, SIG_IGN, signals } from '../abi/signals.js';
import { findProcess, type Kernel } from '../kernel.js';
import { childInfo } from '../siginfo.js';
import { actionOf, sendToProcess } from '../signal/send.js';
import type { Process } from '../state.js';
import { type ChildStatus, hasEnded } from './wait.js';

/** What a parent is told of its child (kernel/signal.c: do_notify_parent, do_notify_parent_cldstop). */
const SA_NOCLDWAIT = 2;

/** A parent that ignores SIGCHLD, or says so, need not wait for its children: they are gone at once. */
export function tellParent(kernel: Kernel, child: Process, status: ChildStatus): void {
  const parent = findProcess(kernel, child.parent);
  const ended = hasEnded(status);
  if (parent === undefined || parent.exit !== null) {
    if (ended) child.reaped = true;
    return;
  }
  const { handler, flags } = actionOf(parent, signals.SIGCHLD);
  if (!ended) {
    if (handler !== SIG_IGN && (flags & SA_NOCLDSTOP) === 0)
      send(kernel, child, parent, signals.SIGCHLD, status);
    return;
  }
  const usual = child.exitSignal === signals.SIGCHLD;
  if (usual && (handler === SIG_IGN || (flags & SA_NOCLDWAIT) !== 0)) child.reaped = true;
  if (child.exitSignal !== 0 && !(usual && handler === SIG_IGN))
    send(kernel, child, parent, child.exitSignal, status);
}

function send(kernel: Kernel, child: Process, parent: Process, sig: number, status: ChildStatus): void {
  const { uid } = kernel.config.user;
  const info = childInfo(sig, status.code, { pid: child.pid, uid }, status.status);
  sendToProcess(kernel, child.pid, parent.pid, info);
}
