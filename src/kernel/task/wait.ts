import { signals } from '../abi/signals.js';
import type { Kernel } from '../kernel.js';
import type { Process, WaitFor } from '../state.js';

/** wait4 and waitid (kernel/exit.c: do_wait): which child, and what there is to tell of it. */
const CLD_EXITED = 1;
const CLD_KILLED = 2;
export const CLD_STOPPED = 5;
export const CLD_CONTINUED = 6;

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

export function hasEnded({ code }: ChildStatus): boolean {
  return code === CLD_EXITED || code === CLD_KILLED;
}

export function endOf(child: Process): ChildStatus | null {
  if (child.exit === null) return null;
  return child.exit.kind === 'exited'
    ? { code: CLD_EXITED, status: child.exit.status }
    : { code: CLD_KILLED, status: child.exit.sig };
}

function changeOf(child: Process, wanted: WaitFor): ChildStatus | null {
  const end = endOf(child);
  if (end !== null) return wanted.exited ? end : null;
  if (wanted.stopped && child.stop !== null && !child.stop.told)
    return { code: CLD_STOPPED, status: child.stop.sig };
  return wanted.continued && child.continued ? { code: CLD_CONTINUED, status: signals.SIGCONT } : null;
}

/** A change is told once. */
export function markTold(child: Process, status: ChildStatus): void {
  if (hasEnded(status)) child.reaped = true;
  else if (status.code === CLD_CONTINUED) child.continued = false;
  else if (child.stop !== null) child.stop = { ...child.stop, told: true };
}

/** The first child with something to tell. */
export function childToReport(
  kernel: Kernel,
  parent: number,
  wanted: WaitFor,
): { child: Process; status: ChildStatus } | null {
  for (const child of childrenMeant(kernel, parent, wanted)) {
    const status = changeOf(child, wanted);
    if (status !== null) return { child, status };
  }
  return null;
}

/**
 * The int that wait4 stores (sys/wait.h): exit status in the second byte, or the signal in the first; a stop has 0x7f there
 * and the signal in the second.
 */
export function waitWord({ code, status }: ChildStatus): number {
  if (code === CLD_STOPPED) return (status << 8) | 0x7f;
  if (code === CLD_CONTINUED) return 0xffff;
  return code === CLD_EXITED ? (status & 0xff) << 8 : status;
}

/** Whether a sleeping wait is to look again: something to tell, or nobody left to tell it. */
export function waitIsOver(kernel: Kernel, parent: number, wanted: WaitFor): boolean {
  return childToReport(kernel, parent, wanted) !== null || childrenMeant(kernel, parent, wanted).length === 0;
}
