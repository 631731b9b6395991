import { errno, type RestartName, restart } from '../abi/errno.js';
import { SA_KNOWN, signals } from '../abi/signals.js';
import { type Kernel, log, processOf } from '../kernel.js';
import { done, type Outcome } from '../outcome.js';
import type { SigInfo } from '../siginfo.js';
import { pendingSet, recalcSignalPending } from '../signal/pending.js';
import { has, isEmpty, type SignalSet, union, without } from '../sigset.js';
import type { Call, SigAction, Task } from '../state.js';
import { CANCELLABLE, NR_CANCELCTL, SA_FATAL, SA_STICKY, SA_SYNC } from './abi.js';
import { cancelctl } from './cancelctl.js';
import { inheritLatch, isLatched, isSticky, latchCounts, stick, stickAtReturn } from './sticky.js';
import { closeExit, heldForEntry, interruptsEntry, openExit, readyWith } from './sync.js';
import { callOf, change, countSpin, isSpinning, proposalOf } from './task.js';

/** Every place where the base model asks a proposal. Without one the answer is what Linux does, and nothing is stored. */

/** sigaction: flags that are kept. */
export function knownFlags(kernel: Kernel): number {
  switch (kernel.config.proposals?.kind) {
    case undefined:
    case 'sticky-flag':
      return SA_KNOWN;
    case 'sticky-signal':
      return SA_KNOWN | SA_STICKY;
    case 'sync-signal':
      return SA_KNOWN | SA_SYNC;
    case 'fatal-like':
      return SA_KNOWN | SA_FATAL;
  }
}

/** Call entry: the number without the mark of a cancellable call, and the mark. */
export function splitNumber(kernel: Kernel, eax: number): { nr: number; cancellable: boolean } {
  const { proposals } = kernel.config;
  const known = proposals?.kind === 'sticky-flag' || proposals?.kind === 'sticky-signal';
  const cancellable = known && (eax & CANCELLABLE) !== 0 && eax >= 0;
  return { nr: cancellable ? eax & ~CANCELLABLE : eax, cancellable };
}

/** Before the call looks at anything: its outcome when a proposal decides it. */
export function beforeCall(kernel: Kernel, task: Task, call: Call): Outcome | null {
  const { proposals } = kernel.config;
  if (proposals === null) return null;
  recalcSignalPending(kernel, task);
  if (call.nr === NR_CANCELCTL) return cancelctl(kernel, task, call, proposals);
  const first = task.phase.kind === 'entry';
  if (proposals.kind === 'sticky-flag' && first && call.cancellable === true && proposalOf(task).flag)
    return done(-errno.EINTR);
  if (proposals.kind === 'sync-signal' && interruptsEntry(kernel, task, call))
    return done(-restart.ERESTARTSYS);
  return null;
}

/** A result that is no restart code: the thread has made progress. */
export function afterCall(kernel: Kernel, task: Task, value: number): void {
  if (kernel.config.proposals === null) return;
  if (value === -errno.EINTR && isLatched(task)) countSpin(task);
  if (proposalOf(task).spins === 0 || value === -errno.EINTR) return;
  if (value >= 0 || value < -restart.ERESTART_RESTARTBLOCK || value > -restart.ERESTARTSYS)
    change(task, { spins: 0 });
}

/** signal_pending() for more than what is queued and not blocked. */
export function countsAsPending(kernel: Kernel, task: Task): boolean {
  const { proposals } = kernel.config;
  if (proposals === null) return false;
  if (proposals.kind === 'sticky-signal') return latchCounts(task, proposals.switches);
  return proposals.kind === 'sticky-flag' && proposalOf(task).flag && callOf(task)?.cancellable === true;
}

/** Signals that are not to be delivered to the thread now: its mask, and what a proposal adds. */
export function keptAway(kernel: Kernel, task: Task): SignalSet {
  const { proposals } = kernel.config;
  if (proposals?.kind === 'sticky-signal' && proposals.switches.block === 'latch')
    return union(task.blocked, proposalOf(task).latched);
  if (proposals?.kind === 'sync-signal') return union(task.blocked, heldForEntry(kernel, task));
  return task.blocked;
}

/** The exit path, before signals are delivered. */
export function beforeExit(kernel: Kernel, task: Task): void {
  const { proposals } = kernel.config;
  if (proposals === null) return;
  if (proposals.kind === 'sync-signal') openExit(kernel, task);
  else recalcSignalPending(kernel, task);
}

/** A call was interrupted by what is no signal to deliver: its restart code must not reach user mode. */
export function hasUnsettledCode(kernel: Kernel, task: Task): boolean {
  if (kernel.config.proposals === null || task.signalPending || task.origEax === -1) return false;
  const eax = kernel.machine.get('eax') | 0;
  return Object.values(restart).some((code) => code === -eax);
}

/** The exit path, after signals were delivered; true when it has to go round again. */
export function exitGoesRound(kernel: Kernel, task: Task): boolean {
  const { proposals } = kernel.config;
  if (proposals === null) return false;
  if (proposals.kind === 'sync-signal') closeExit(kernel, task);
  if (proposals.kind !== 'sticky-signal' || !latchCounts(task, proposals.switches)) return false;
  countSpin(task);
  if (isSpinning(task)) log(kernel, { kind: 'proposal', tid: task.tid, what: 'exit-loop', sig: 0, flags: 0 });
  return true;
}

/** What becomes of an interrupted call when no handler is to run: true for -EINTR in place of a restart. */
export function endsInsteadOfRestart(kernel: Kernel, task: Task, code: RestartName): boolean {
  const { proposals } = kernel.config;
  const marked = (task.origEax & CANCELLABLE) !== 0;
  if (proposals?.kind === 'sticky-flag') return proposalOf(task).flag && marked;
  if (proposals?.kind !== 'sticky-signal' || !isLatched(task)) return false;
  const { restart: how, nointr, scope } = proposals.switches;
  if (scope === 'marked' && !marked) return false;
  const ends = code === 'ERESTARTNOINTR' ? nointr === 'eintr' : how === 'eintr';
  if (!ends) countSpin(task);
  return ends;
}

/** The number with which a call is made again: restart_syscall is as cancellable as the call it goes on with. */
export function numberAgain(kernel: Kernel, task: Task, nr: number): number {
  return kernel.config.proposals === null || nr === task.origEax ? nr : nr | (task.origEax & CANCELLABLE);
}

/** A handler's frame has been built. */
export function onDelivery(
  kernel: Kernel,
  task: Task,
  action: SigAction,
  { info, shared }: { readonly info: SigInfo; readonly shared: boolean },
  frame: number,
): void {
  const { proposals } = kernel.config;
  if (proposals?.kind === 'sticky-signal' && isSticky(action.flags))
    stick(kernel, task, info, shared, frame, proposals.switches);
}

/** A handler has returned; the mask is restored already. */
export function onSigreturn(kernel: Kernel, task: Task, frame: number): void {
  const { proposals } = kernel.config;
  if (proposals?.kind === 'sticky-signal') stickAtReturn(kernel, task, frame, proposals.switches);
}

/** clone: a new thread's share. */
export function onClone(kernel: Kernel, parent: Task, child: Task): void {
  const { proposals } = kernel.config;
  if (proposals?.kind === 'sticky-signal') inheritLatch(kernel, parent, child, proposals.switches);
}

/** clone and fork look at signal_pending() before they do anything (kernel/fork.c: copy_process). */
export function stopsClone(kernel: Kernel, task: Task): boolean {
  const { proposals } = kernel.config;
  if (!isEmpty(without(pendingSet(kernel, task), keptAway(kernel, task)))) return true;
  if (proposals?.kind !== 'sticky-signal' || proposals.switches.nointr === 'exempt') return false;
  return latchCounts(task, proposals.switches);
}

/** Whether a signal ends sleeps that signals do not end: SIGKILL always does. */
export function endsAnySleep(kernel: Kernel, task: Task, sig: number): boolean {
  if (sig === signals.SIGKILL) return true;
  if (kernel.config.proposals?.kind !== 'fatal-like') return false;
  return ((processOf(kernel, task).actions[sig - 1]?.flags ?? 0) & SA_FATAL) !== 0;
}

/** fatal_signal_pending(), as far as a sleep is concerned. */
export function fatalPending(kernel: Kernel, task: Task): boolean {
  if (has(pendingSet(kernel, task), signals.SIGKILL)) return true;
  return kernel.config.proposals?.kind === 'fatal-like' && readyWith(kernel, task, SA_FATAL);
}
