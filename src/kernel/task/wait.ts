import { signals } from '../abi/signals.js';
import type { Kernel } from '../kernel.js';
import type { Process, WaitFor } from '../state.js';

/** wait4 and waitid (kernel/exit.c: do_wait): which child, and what there is to tell of it. */
export const CLD_EXITED = 1;
export const CLD_KILLED = 2;

/** What became of a child, as siginfo tells it. No core is ever dumped: RLIMIT_CORE's usual soft limit is 0. */
export interface ChildStatus {
  readonly code: number;
  /** Exit status, or the signal. */
  readonly status: number;
}

function isMeant(child: Process, wanted: WaitFor): boolean {
  if (wanted.pid !== null && child.pid !== wanted.pid) return false;
  if (wanted.group !== null && child.group !== wanted.group) return false;
  if (wanted.clones === 'too') return true;
  return (child.exitSignal !== signals.SIGCHLD) === (wanted.clones === 'only');
}

/** Children that the wait is about, the oldest first. */
export function childrenMeant(kernel: Kernel, parent: number, wanted: WaitFor): Process[] {
  return kernel.state.processes.filter(
    (child) => child.parent === parent && !child.reaped && isMeant(child, wanted),
  );
}

export function statusOf(child: Process): ChildStatus | null {
  if (child.exit === null) return null;
  return child.exit.kind === 'exited'
    ? { code: CLD_EXITED, status: child.exit.status }
    : { code: CLD_KILLED, status: child.exit.sig };
}

/** The first child with something to tell. */
export function childToReport(
  kernel: Kernel,
  parent: number,
  wanted: WaitFor,
): { child: Process; status: ChildStatus } | null {
  for (const child of childrenMeant(kernel, parent, wanted)) {
    const status = wanted.exited ? statusOf(child) : null;
    if (status !== null) return { child, status };
  }
  return null;
}

/** The int that wait4 stores (sys/wait.h): exit status in the second byte, or the signal in the first. */
export function waitWord({ code, status }: ChildStatus): number {
  return code === CLD_EXITED ? (status & 0xff) << 8 : status;
}

/** Whether a sleeping wait is to look again: something to tell, or nobody left to tell it. */
export function waitIsOver(kernel: Kernel, parent: number, wanted: WaitFor): boolean {
  return childToReport(kernel, parent, wanted) !== null || childrenMeant(kernel, parent, wanted).length === 0;
}
