import { errno } from '../abi/errno.js';
import { findProcess, type Kernel, processOf } from '../kernel.js';
import { done, type Handler } from '../outcome.js';
import type { Process, Task } from '../state.js';
import { define, type Syscall } from './define.js';

/** Process groups and sessions (kernel/sys.c). There are no terminals. */

/** The process with this id, 0 being the caller's. */
function named(kernel: Kernel, task: Task, pid: number): Process | undefined {
  return pid === 0 ? processOf(kernel, task) : findProcess(kernel, pid);
}

/** A process may move itself and its children that have not called execve yet, within its session. */
const setpgid: Handler = (kernel, task, { args }) => {
  const [pid, wanted] = [args[0] | 0, args[1] | 0];
  if (wanted < 0) return done(-errno.EINVAL);
  const process = named(kernel, task, pid);
  if (process === undefined) return done(-errno.ESRCH);
  const caller = processOf(kernel, task);
  if (process !== caller) {
    if (process.parent !== caller.pid) return done(-errno.ESRCH);
    if (process.session !== caller.session) return done(-errno.EPERM);
    if (process.program.executed) return done(-errno.EACCES);
  }
  const group = wanted === 0 ? process.pid : wanted;
  const known = kernel.state.processes.some(
    (other) => !other.reaped && other.group === group && other.session === caller.session,
  );
  if (process.session === process.pid || (group !== process.pid && !known)) return done(-errno.EPERM);
  process.group = group;
  return done(0);
};

/** A new session with a new group: not for the leader of a group. */
const setsid: Handler = (kernel, task) => {
  const process = processOf(kernel, task);
  const { pid } = process;
  if (kernel.state.processes.some((other) => !other.reaped && other.group === pid)) return done(-errno.EPERM);
  process.session = pid;
  process.group = pid;
  return done(pid);
};

function ask(of: (process: Process) => number): Handler {
  return (kernel, task, { args }) => {
    const process = named(kernel, task, args[0] | 0);
    return done(process === undefined ? -errno.ESRCH : of(process));
  };
}

export const groupSyscalls: readonly Syscall[] = [
  define(57, 'setpgid', ['int', 'int'], setpgid),
  define(
    132,
    'getpgid',
    ['int'],
    ask(({ group }) => group),
  ),
  define(65, 'getpgrp', [], (kernel, task) => done(processOf(kernel, task).group)),
  define(66, 'setsid', [], setsid),
  define(
    147,
    'getsid',
    ['int'],
    ask(({ session }) => session),
  ),
];
