import { errno, type RestartName, restart } from '../abi/errno.js';
import { SA_RESTART } from '../abi/signals.js';
import { type Kernel, log } from '../kernel.js';
import { endsInsteadOfRestart, numberAgain, splitNumber } from '../proposals/hooks.js';
import type { Task } from '../state.js';

/**
 * What becomes of a call that a signal interrupted (arch/x86/kernel/signal.c: handle_signal, arch_do_signal_or_restart).
 * A trap instruction is two bytes long: EIP - 2 runs it again.
 */
export interface RestartRule {
  /** With a handler: always -EINTR, always again, or as the handler's SA_RESTART says. */
  readonly handler: 'eintr' | 'restart' | 'sa-restart';
  /** Without one: the same call, or restart_syscall. */
  readonly noHandler: 'same' | 'restart_syscall';
}

export const RESTART_RULES: Readonly<Record<RestartName, RestartRule>> = {
  ERESTART_RESTARTBLOCK: { handler: 'eintr', noHandler: 'restart_syscall' },
  ERESTARTNOHAND: { handler: 'eintr', noHandler: 'same' },
  ERESTARTSYS: { handler: 'sa-restart', noHandler: 'same' },
  ERESTARTNOINTR: { handler: 'restart', noHandler: 'same' },
};

const NR_RESTART_SYSCALL = 0;

const codes = new Map<number, RestartName>(
  (Object.keys(restart) as RestartName[]).map((name) => [-restart[name], name]),
);

function pendingCode(kernel: Kernel, task: Task): RestartName | undefined {
  return task.origEax === -1 ? undefined : codes.get(kernel.machine.get('eax') | 0);
}

/** Before the first handler's frame is built. */
export function restartForHandler(kernel: Kernel, task: Task, actionFlags: number): void {
  const code = pendingCode(kernel, task);
  if (code === undefined) return;
  const rule = RESTART_RULES[code].handler;
  const again = rule === 'restart' || (rule === 'sa-restart' && (actionFlags & SA_RESTART) !== 0);
  if (again) runAgain(kernel, task.origEax);
  else kernel.machine.set('eax', -errno.EINTR >>> 0);
  logRestart(kernel, task, code, again ? 'restarted' : 'eintr');
}

/** When no handler is to run after all. */
export function restartWithoutHandler(kernel: Kernel, task: Task): void {
  const code = pendingCode(kernel, task);
  if (code === undefined) return;
  if (endsInsteadOfRestart(kernel, task, code)) {
    kernel.machine.set('eax', -errno.EINTR >>> 0);
    logRestart(kernel, task, code, 'eintr');
    return;
  }
  const nr = RESTART_RULES[code].noHandler === 'same' ? task.origEax : NR_RESTART_SYSCALL;
  runAgain(kernel, numberAgain(kernel, task, nr));
  logRestart(kernel, task, code, 'restarted');
}

function runAgain(kernel: Kernel, nr: number): void {
  kernel.machine.set('eax', nr >>> 0);
  kernel.machine.set('eip', (kernel.machine.get('eip') - 2) >>> 0);
}

function logRestart(kernel: Kernel, task: Task, code: RestartName, outcome: 'restarted' | 'eintr'): void {
  const { nr } = splitNumber(kernel, task.origEax);
  log(kernel, { kind: 'restart', tid: task.tid, nr, code: restart[code], outcome });
}
