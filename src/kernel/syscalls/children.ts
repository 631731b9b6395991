import { errno, restart } from '../abi/errno.js';
import { signals } from '../abi/signals.js';
import { type ExecRequest, type Kernel, log, processOf } from '../kernel.js';
import { done, type Handler, type Outcome, sleepInterruptibly, sleepKillably } from '../outcome.js';
import { stopsClone } from '../proposals/hooks.js';
import type { Call, Task, WaitFor } from '../state.js';
import { CLONE_VM, type CloneArgs, cloneThread, isThreadClone } from '../task/clone.js';
import { execProgram, resolveProgram } from '../task/exec.js';
import { CLONE_VFORK, forkProcess, isProcessClone } from '../task/fork.js';
import { childrenMeant, childToReport, markTold, waitWord } from '../task/wait.js';
import { readString, readUserU32, writeUser, writeUserU32, writeWords } from '../user.js';
import { define, type Syscall } from './define.js';
import { readPath } from './paths.js';

/** New threads, processes and programs, and waiting for their ends (kernel/fork.c, kernel/exit.c, fs/exec.c). */

const clone: Handler = (kernel, task, call) => {
  const [flags, stack, parentTid, tls, childTid] = call.args;
  return create(kernel, task, call, { flags, stack, parentTid, tls, childTid });
};

function create(kernel: Kernel, task: Task, call: Call, args: CloneArgs): Outcome {
  if (call.progress?.child !== undefined) return afterVfork(kernel, task, call.progress.child);
  if (!isThreadClone(args.flags) && !isProcessClone(args.flags)) {
    const what = `clone with flags 0x${args.flags.toString(16)}`;
    log(kernel, { kind: 'unmodelled', tid: task.tid, what });
    return done(-errno.ENOSYS);
  }
  if (stopsClone(kernel, task)) return done(-restart.ERESTARTNOINTR);
  if (isThreadClone(args.flags)) return done(cloneThread(kernel, task, args));
  const pid = forkProcess(kernel, task, args);
  return pid > 0 && (args.flags & CLONE_VFORK) !== 0 ? afterVfork(kernel, task, pid) : done(pid);
}

/** Only SIGKILL ends this sleep early. */
function afterVfork(kernel: Kernel, task: Task, child: number): Outcome {
  const borrowed = kernel.state.processes.some(({ pid, vfork }) => pid === child && vfork);
  if (!borrowed) return done(child);
  const until = { kind: 'vfork', child } as const;
  return sleepKillably(kernel, task, { until, progress: { child }, interrupted: child });
}

function forkWith(flags: number): Handler {
  return (kernel, task, call) =>
    create(kernel, task, call, { flags, stack: 0, parentTid: 0, tls: 0, childTid: 0 });
}

const WNOHANG = 1;
const WUNTRACED = 2;
const WEXITED = 4;
const WCONTINUED = 8;
const WNOWAIT = 0x01000000;
const NOTHREAD = 0x20000000;
const WALL = 0x40000000;
const WCLONE = 0x80000000;

interface WaitRequest {
  readonly which: Pick<WaitFor, 'pid' | 'group'>;
  readonly options: number;
}

/** One look: what to tell, a negative result, or sleep. */
function look(kernel: Kernel, task: Task, { which, options }: WaitRequest) {
  const wanted: WaitFor = {
    ...which,
    clones: (options & WALL) !== 0 ? 'too' : (options & WCLONE) !== 0 ? 'only' : 'not',
    exited: (options & WEXITED) !== 0,
    stopped: (options & WUNTRACED) !== 0,
    continued: (options & WCONTINUED) !== 0,
  };
  const found = childToReport(kernel, task.pid, wanted);
  if (found !== null) {
    if ((options & WNOWAIT) === 0) markTold(found.child, found.status);
    return { kind: 'found', ...found } as const;
  }
  if (childrenMeant(kernel, task.pid, wanted).length === 0)
    return { kind: 'outcome', outcome: done(-errno.ECHILD) } as const;
  if ((options & WNOHANG) !== 0) return { kind: 'none' } as const;
  const until = { kind: 'child', wanted } as const;
  const outcome = sleepInterruptibly(task, { until, interrupted: -restart.ERESTARTSYS });
  return { kind: 'outcome', outcome } as const;
}

const RUSAGE_SIZE = 72;

/** No time is counted. */
function writeUsage(kernel: Kernel, task: Task, address: number): boolean {
  return address === 0 || writeUser(kernel, task, address, new Uint8Array(RUSAGE_SIZE));
}

const wait4: Handler = (kernel, task, { args, nr }) => {
  const [target, statusAddress, options] = [args[0] | 0, args[1], args[2]];
  const NR_WAITPID = 7;
  const usage = nr === NR_WAITPID ? 0 : args[3];
  const known = WNOHANG | WUNTRACED | WCONTINUED | NOTHREAD | WALL | WCLONE;
  if ((options & ~known) !== 0) return done(-errno.EINVAL);
  if (target === -0x80000000) return done(-errno.ESRCH);
  const group = target === 0 ? processOf(kernel, task).group : target < -1 ? -target : null;
  const which = { pid: target > 0 ? target : null, group };
  const result = look(kernel, task, { which, options: options | WEXITED });
  if (result.kind === 'outcome') return result.outcome;
  if (result.kind === 'none') return done(0);
  const written =
    (statusAddress === 0 || writeUserU32(kernel, task, statusAddress, waitWord(result.status))) &&
    writeUsage(kernel, task, usage);
  return done(written ? result.child.pid : -errno.EFAULT);
};

const P_ALL = 0;
const P_PID = 1;
const P_PGID = 2;

function whichOf(kernel: Kernel, task: Task, type: number, id: number): WaitRequest['which'] | null {
  if (type === P_ALL) return { pid: null, group: null };
  if (type === P_PID && id > 0) return { pid: id, group: null };
  if (type === P_PGID && id >= 0) return { pid: null, group: id === 0 ? processOf(kernel, task).group : id };
  return null;
}

/** struct siginfo's first words: signo, errno, code, pid, uid, status; all 0 when nothing was to tell. */
const waitid: Handler = (kernel, task, { args }) => {
  const [type, id, info, options, usage] = args;
  const known = WNOHANG | WUNTRACED | WEXITED | WCONTINUED | WNOWAIT | NOTHREAD | WALL | WCLONE;
  if ((options & ~known) !== 0 || (options & (WEXITED | WUNTRACED | WCONTINUED)) === 0)
    return done(-errno.EINVAL);
  const which = whichOf(kernel, task, type, id | 0);
  if (which === null) return done(-errno.EINVAL);
  const result = look(kernel, task, { which, options });
  if (result.kind === 'outcome') return result.outcome;
  const words =
    result.kind === 'none'
      ? [0, 0, 0, 0, 0, 0]
      : [
          signals.SIGCHLD,
          0,
          result.status.code,
          result.child.pid,
          kernel.config.user.uid,
          result.status.status,
        ];
  const written = (info === 0 || writeWords(kernel, task, info, words)) && writeUsage(kernel, task, usage);
  return done(written ? 0 : -errno.EFAULT);
};

/** MAX_ARG_STRLEN, and a quarter of the stack's limit for all of them. */
const STRING_LIMIT = 128 << 10;
const ALL_STRINGS_LIMIT = 2 << 20;

/** A null-terminated array of strings, or a negative error number. A null pointer is an empty one. */
function readStrings(kernel: Kernel, task: Task, array: number): string[] | number {
  const strings: string[] = [];
  let size = 0;
  for (let at = array; array !== 0; at += 4) {
    const address = readUserU32(kernel, task, at);
    if (address === null) return -errno.EFAULT;
    if (address === 0) break;
    const text = readString(kernel, task, address, STRING_LIMIT);
    if (text === null) return -errno.EFAULT;
    size += text.length + 5;
    if (text === 'too-long' || size > ALL_STRINGS_LIMIT) return -errno.E2BIG;
    strings.push(text);
  }
  return strings;
}

const execve: Handler = (kernel, task, { args }) => {
  const target = readPath(kernel, task, args[0]);
  if (!target.ok) return done(-target.error);
  const [given, env] = [readStrings(kernel, task, args[1]), readStrings(kernel, task, args[2])];
  if (typeof given === 'number') return done(given);
  if (typeof env === 'number') return done(env);
  // An empty list of arguments gets an empty first one.
  const request: Omit<ExecRequest, 'file'> = {
    path: target.path,
    args: given.length > 0 ? given : [''],
    env,
  };
  const resolved = resolveProgram(kernel, task, request);
  return done(resolved.ok ? execProgram(kernel, task, resolved.request) : -resolved.error);
};

export const childSyscalls: readonly Syscall[] = [
  define(2, 'fork', [], forkWith(signals.SIGCHLD)),
  define(190, 'vfork', [], forkWith(CLONE_VFORK | CLONE_VM | signals.SIGCHLD)),
  define(120, 'clone', ['clone-flags', 'pointer', 'pointer', 'pointer', 'pointer'], clone),
  // An old kernel's answer: the C library falls back to clone.
  define(435, 'clone3', ['pointer', 'uint'], () => done(-errno.ENOSYS)),
  define(7, 'waitpid', ['int', 'out-wait-status', 'wait-options'], wait4),
  define(114, 'wait4', ['int', 'out-wait-status', 'wait-options', 'pointer'], wait4),
  define(284, 'waitid', ['id-type', 'int', 'out-siginfo', 'wait-options', 'pointer'], waitid),
  define(11, 'execve', ['path', 'strings', 'environment'], execve),
];
