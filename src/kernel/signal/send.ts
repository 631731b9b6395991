import { defaultAction, SIG_DFL, SIG_IGN, signals } from '../abi/signals.js';
import { findTask, isAlive, type Kernel, log, processOf, threadsOf } from '../kernel.js';
import { endsAnySleep, keptAway } from '../proposals/hooks.js';
import type { SigInfo } from '../siginfo.js';
import { has, only, type SignalSet, signalSet, without } from '../sigset.js';
import { DEFAULT_ACTION, type Process, type SigAction, type Task } from '../state.js';
import { enqueue, flush } from './pending.js';
import { resumeFor } from './stop.js';

/** Posting signals (kernel/signal.c: __send_signal_locked, complete_signal, force_sig_info). */

export function actionOf(process: Process, sig: number): SigAction {
  return process.actions[sig - 1] ?? DEFAULT_ACTION;
}

/** A tracer is shown even what is ignored. */
function ignored(kernel: Kernel, owner: Process, sig: number): boolean {
  return kernel.config.ptrace === 'none' && ignoredAction(actionOf(owner, sig), sig);
}

function ignoredAction(action: SigAction, sig: number): boolean {
  return action.handler === SIG_IGN || (action.handler === SIG_DFL && defaultAction(sig) === 'ignore');
}

/** Ends an interruptible sleep: the call looks again and finds signal_pending() true. */
export function wakeForSignal(task: Task, fatal: boolean): void {
  task.signalPending = true;
  if (task.phase.kind === 'asleep' && (task.phase.wait.interruptible || fatal)) {
    task.phase = { kind: 'woken', call: task.phase.call, wait: task.phase.wait };
  }
}

function wants(kernel: Kernel, task: Task, sig: number): boolean {
  return !has(keptAway(kernel, task), sig) || waitsFor(task, sig);
}

/** rt_sigtimedwait waits for a signal that is blocked: it is woken all the same (real_blocked in the kernel). */
function waitsFor(task: Task, sig: number): boolean {
  const phase = task.phase;
  return phase.kind === 'asleep' && phase.wait.until.kind === 'signal' && has(phase.wait.until.set, sig);
}

function process(kernel: Kernel, pid: number): Process | undefined {
  return kernel.state.processes.find((candidate) => candidate.pid === pid && candidate.exit === null);
}

const STOPS: SignalSet = signalSet(
  [19, 20, 21, 22].reduce((set, sig) => set | (1 << (sig - 1)), 0),
  0,
);
const CONTINUE: SignalSet = only(signals.SIGCONT);

/** SIGCONT lets a stopped process go on. A signal that stops takes back the SIGCONT that is pending, and the other way round (prepare_signal). */
function takeBackOpposite(kernel: Kernel, owner: Process, sig: number): void {
  resumeFor(kernel, owner, sig);
  const opposite = sig === signals.SIGCONT ? STOPS : has(STOPS, sig) ? CONTINUE : null;
  if (opposite === null) return;
  flush(owner.pending, opposite);
  for (const thread of threadsOf(kernel, owner.pid)) flush(thread.pending, opposite);
}

/** Posts to one thread (tkill, tgkill, a thread-directed timer). False when there is no such thread. */
export function sendToThread(kernel: Kernel, from: number, tid: number, info: SigInfo): boolean {
  const task = findTask(kernel, tid);
  const owner = task && process(kernel, task.pid);
  if (task === undefined || owner === undefined || !isAlive(task)) return false;
  const event = { kind: 'signal', tid: from, to: { pid: owner.pid, tid }, sig: info.signo } as const;
  takeBackOpposite(kernel, owner, info.signo);
  const waited = waitsFor(task, info.signo);
  if (ignored(kernel, owner, info.signo) && !has(task.blocked, info.signo) && !waited) {
    log(kernel, { ...event, dropped: 'ignored' });
  } else if (!enqueue(task.pending, info)) {
    log(kernel, { ...event, dropped: 'pending' });
  } else {
    log(kernel, event);
    if (wants(kernel, task, info.signo)) wakeForSignal(task, endsAnySleep(kernel, task, info.signo));
  }
  return true;
}

/** Posts to a process: any thread that does not block it takes it, the main thread by preference. */
export function sendToProcess(kernel: Kernel, from: number, pid: number, info: SigInfo): boolean {
  const owner = process(kernel, pid);
  if (owner === undefined) return false;
  const threads = threadsOf(kernel, pid);
  const sig = info.signo;
  const event = { kind: 'signal', tid: from, to: { pid }, sig } as const;
  takeBackOpposite(kernel, owner, sig);
  const blockedByMain = threads.some((task) => task.tid === pid && has(task.blocked, sig));
  if (ignored(kernel, owner, sig) && !blockedByMain && !threads.some((task) => waitsFor(task, sig))) {
    log(kernel, { ...event, dropped: 'ignored' });
    return true;
  }
  if (!enqueue(owner.pending, info)) {
    log(kernel, { ...event, dropped: 'pending' });
    return true;
  }
  log(kernel, event);
  const taker =
    threads.find((task) => wants(kernel, task, sig) && !task.signalPending) ??
    threads.find((task) => wants(kernel, task, sig));
  if (taker !== undefined) wakeForSignal(taker, endsAnySleep(kernel, taker, sig));
  return true;
}

/** A fault: a blocked or ignored signal is forced through by resetting its action (force_sig_info_to_task). */
export function forceSignal(kernel: Kernel, task: Task, info: SigInfo): void {
  const owner = processOf(kernel, task);
  const blocked = has(task.blocked, info.signo);
  if (blocked || actionOf(owner, info.signo).handler === SIG_IGN) {
    owner.actions = owner.actions.map((old, i) => (i === info.signo - 1 ? DEFAULT_ACTION : old));
    task.blocked = without(task.blocked, only(info.signo));
  }
  enqueue(task.pending, info);
  task.signalPending = true;
}
