import { errno, restart } from '../abi/errno.js';
import { defaultAction, SI_TKILL, SI_USER, SIG_DFL, SIG_IGN, SIGNAL_COUNT } from '../abi/signals.js';
import { findTask, type Kernel, log, processOf, threadsOf } from '../kernel.js';
import { done, type Handler, type Outcome, REPLACED, sleepInterruptibly } from '../outcome.js';
import { knownFlags } from '../proposals/hooks.js';
import { killInfo, rawInfo, SIGINFO_SIZE, type SigInfo } from '../siginfo.js';
import { altStackFlags, setAltStack } from '../signal/altstack.js';
import { dequeueSignal, flush, pendingSet, recalcSignalPending, setBlocked } from '../signal/pending.js';
import { actionOf, sendToProcess, sendToThread } from '../signal/send.js';
import { rtSigreturn, sigreturn } from '../signal/sigreturn.js';
import { intersection, only, type SignalSet, signalSet, union, without } from '../sigset.js';
import type { Process, SigAction, Task } from '../state.js';
import { durationAt } from '../time/clock.js';
import { readUser, readWords, writeUser, writeWords } from '../user.js';
import { define, type Syscall } from './define.js';

/** Signal calls (kernel/signal.c). Sets are always 8 bytes: sizeof(sigset_t) is checked like the kernel does. */
const SIGSET_SIZE = 8;

export function readSet(kernel: Kernel, task: Task, address: number): SignalSet | null {
  const words = readWords(kernel, task, address, 2);
  return words === null ? null : signalSet(words[0] ?? 0, words[1] ?? 0);
}

function validSignal(sig: number): boolean {
  return sig >= 1 && sig <= SIGNAL_COUNT;
}

/** struct sigaction of i386: handler, flags, restorer, mask. */
const rtSigaction: Handler = (kernel, task, { args }) => {
  const [sig, newAction, oldAction, size] = args;
  const KILL = 9;
  const STOP = 19;
  if (size !== SIGSET_SIZE) return done(-errno.EINVAL);
  const words = newAction === 0 ? null : readWords(kernel, task, newAction, 5);
  if (newAction !== 0 && words === null) return done(-errno.EFAULT);
  if (!validSignal(sig) || (words !== null && (sig === KILL || sig === STOP))) return done(-errno.EINVAL);
  const process = processOf(kernel, task);
  const old = actionOf(process, sig);
  if (words !== null) {
    const [handler = 0, flags = 0, restorer = 0, low = 0, high = 0] = words;
    const mask = without(signalSet(low, high), union(only(KILL), only(STOP)));
    setAction(kernel, task, sig, { handler, flags: (flags & knownFlags(kernel)) >>> 0, restorer, mask });
  }
  if (oldAction === 0) return done(0);
  const { handler, flags, restorer, mask } = old;
  return done(
    writeWords(kernel, task, oldAction, [handler, flags, restorer, mask.low, mask.high]) ? 0 : -errno.EFAULT,
  );
};

/** POSIX: setting an ignoring action drops what is pending, blocked or not. */
function setAction(kernel: Kernel, task: Task, sig: number, action: SigAction): void {
  const process = processOf(kernel, task);
  process.actions = process.actions.with(sig - 1, action);
  const ignoring =
    action.handler === SIG_IGN || (action.handler === SIG_DFL && defaultAction(sig) === 'ignore');
  if (!ignoring) return;
  flush(process.pending, only(sig));
  for (const thread of threadsOf(kernel, task.pid)) {
    flush(thread.pending, only(sig));
    recalcSignalPending(kernel, thread);
  }
}

const SIG_BLOCK = 0;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;

const rtSigprocmask: Handler = (kernel, task, { args }) => {
  const [how, newSet, oldSet, size] = args;
  if (size !== SIGSET_SIZE) return done(-errno.EINVAL);
  const old = task.blocked;
  if (newSet !== 0) {
    const set = readSet(kernel, task, newSet);
    if (set === null) return done(-errno.EFAULT);
    if (how === SIG_BLOCK) setBlocked(kernel, task, union(old, set));
    else if (how === SIG_UNBLOCK) setBlocked(kernel, task, without(old, set));
    else if (how === SIG_SETMASK) setBlocked(kernel, task, set);
    else return done(-errno.EINVAL);
  }
  if (oldSet === 0) return done(0);
  return done(writeWords(kernel, task, oldSet, [old.low, old.high]) ? 0 : -errno.EFAULT);
};

const rtSigpending: Handler = (kernel, task, { args }) => {
  const set = intersection(pendingSet(kernel, task), task.blocked);
  return done(writeWords(kernel, task, args[0], [set.low, set.high]) ? 0 : -errno.EFAULT);
};

/** The temporary mask stays until a handler's frame has saved the old one, or the exit path restores it. */
const rtSigsuspend: Handler = (kernel, task, { args, progress }) => {
  if (progress === null) {
    if (args[1] !== SIGSET_SIZE) return done(-errno.EINVAL);
    const set = readSet(kernel, task, args[0]);
    if (set === null) return done(-errno.EFAULT);
    task.savedMask = task.blocked;
    setBlocked(kernel, task, set);
  }
  return pauseUntilSignal(task);
};

function pauseUntilSignal(task: Task): Outcome {
  return sleepInterruptibly(task, { until: { kind: 'never' }, interrupted: -restart.ERESTARTNOHAND });
}

function timedWait(is64: boolean): Handler {
  return (kernel, task, call) => {
    const { args, progress } = call;
    const [setAddress, infoAddress, timeout, size] = args;
    if (size !== SIGSET_SIZE) return done(-errno.EINVAL);
    const set = readSet(kernel, task, setAddress);
    const deadline =
      progress?.deadline !== undefined ? progress.deadline : durationAt(kernel, task, timeout, is64);
    if (set === null || deadline === 'fault') return done(-errno.EFAULT);
    if (deadline === 'invalid') return done(-errno.EINVAL);
    // What is not asked for is treated as blocked, so dequeueing leaves it alone.
    const all: SignalSet = { low: 0xffffffff, high: 0xffffffff };
    const info = dequeueSignal(kernel, task, without(all, set));
    if (info !== null) {
      if (infoAddress !== 0 && !writeUser(kernel, task, infoAddress, info.bytes)) return done(-errno.EFAULT);
      log(kernel, {
        kind: 'effect',
        tid: task.tid,
        nr: call.nr,
        effect: { kind: 'dequeued-signal', sig: info.signo },
      });
      return done(info.signo);
    }
    if (deadline !== null && kernel.state.now >= deadline) return done(-errno.EAGAIN);
    return sleepInterruptibly(task, {
      until: { kind: 'signal', set },
      deadline,
      progress: { deadline },
      interrupted: -errno.EINTR,
    });
  };
}

const ownInfo = ({ config }: Kernel, { pid }: Task, sig: number, code: number): SigInfo =>
  killInfo(sig, code, pid, config.user.uid);

function threadKill(kernel: Kernel, task: Task, pid: number | null, tid: number, sig: number): Outcome {
  if (tid <= 0 || (pid !== null && pid <= 0) || sig < 0 || sig > SIGNAL_COUNT) return done(-errno.EINVAL);
  const target = findTask(kernel, tid);
  if (target === undefined || target.phase.kind === 'dead' || (pid !== null && target.pid !== pid)) {
    return done(-errno.ESRCH);
  }
  if (sig !== 0) sendToThread(kernel, task.tid, tid, ownInfo(kernel, task, sig, SI_TKILL));
  return done(0);
}

const kill: Handler = (kernel, task, { args }) => {
  const [target, sig] = [args[0] | 0, args[1]];
  if (sig < 0 || sig > SIGNAL_COUNT) return done(-errno.EINVAL);
  // A process that has ended but that nobody has waited for can still be sent to.
  const there = kernel.state.processes.filter(({ reaped }) => !reaped);
  const own = processOf(kernel, task).group;
  const meant = (process: Process): boolean => {
    if (target > 0) return process.pid === (findTask(kernel, target)?.pid ?? target);
    if (target === -1) return process.pid !== task.pid;
    return process.group === (target === 0 ? own : -target);
  };
  const pids = there.filter(meant);
  if (pids.length === 0) return done(-errno.ESRCH);
  for (const { pid } of pids)
    if (sig !== 0) sendToProcess(kernel, task.tid, pid, ownInfo(kernel, task, sig, SI_USER));
  return done(0);
};

function queueInfo(
  kernel: Kernel,
  task: Task,
  sig: number,
  address: number,
  send: (info: ReturnType<typeof rawInfo>) => boolean,
): Outcome {
  const bytes = readUser(kernel, task, address, SIGINFO_SIZE);
  if (bytes === null) return done(-errno.EFAULT);
  if (!validSignal(sig)) return done(-errno.EINVAL);
  return done(send(rawInfo(sig, bytes)) ? 0 : -errno.ESRCH);
}

/** stack_t: sp, flags, size. */
const sigaltstack: Handler = (kernel, task, { args }) => {
  const [newStack, oldStack] = args;
  const esp = kernel.machine.get('esp');
  const words = newStack === 0 ? null : readWords(kernel, task, newStack, 3);
  if (newStack !== 0 && words === null) return done(-errno.EFAULT);
  const old = [task.altStack.sp, altStackFlags(task, esp), task.altStack.size];
  if (words !== null) {
    const [sp = 0, flags = 0, size = 0] = words;
    const error = setAltStack(task, esp, { sp, flags, size });
    if (error !== 0) return done(error);
  }
  return done(oldStack === 0 || writeWords(kernel, task, oldStack, old) ? 0 : -errno.EFAULT);
};

export const signalSyscalls: readonly Syscall[] = [
  define(174, 'rt_sigaction', ['signal', 'sigaction', 'out-sigaction', 'uint'], rtSigaction),
  define(175, 'rt_sigprocmask', ['sig-how', 'sigset', 'out-sigset', 'uint'], rtSigprocmask),
  define(176, 'rt_sigpending', ['out-sigset', 'uint'], rtSigpending),
  define(177, 'rt_sigtimedwait', ['sigset', 'pointer', 'timespec', 'uint'], timedWait(false)),
  define(421, 'rt_sigtimedwait_time64', ['sigset', 'pointer', 'timespec64', 'uint'], timedWait(true)),
  define(179, 'rt_sigsuspend', ['sigset', 'uint'], rtSigsuspend),
  define(29, 'pause', [], (_kernel, task) => pauseUntilSignal(task)),
  define(37, 'kill', ['int', 'signal'], kill),
  define(238, 'tkill', ['int', 'signal'], (kernel, task, { args }) =>
    threadKill(kernel, task, null, args[0] | 0, args[1]),
  ),
  define(270, 'tgkill', ['int', 'int', 'signal'], (kernel, task, { args }) =>
    threadKill(kernel, task, args[0] | 0, args[1] | 0, args[2]),
  ),
  define(178, 'rt_sigqueueinfo', ['int', 'signal', 'pointer'], (kernel, task, { args }) =>
    queueInfo(kernel, task, args[1], args[2], (info) => sendToProcess(kernel, task.tid, args[0], info)),
  ),
  define(335, 'rt_tgsigqueueinfo', ['int', 'int', 'signal', 'pointer'], (kernel, task, { args }) =>
    queueInfo(kernel, task, args[2], args[3], (info) => sendToThread(kernel, task.tid, args[1], info)),
  ),
  define(186, 'sigaltstack', ['pointer', 'pointer'], sigaltstack),
  define(119, 'sigreturn', [], (kernel, task) => {
    sigreturn(kernel, task);
    return REPLACED;
  }),
  define(173, 'rt_sigreturn', [], (kernel, task) => {
    rtSigreturn(kernel, task);
    return REPLACED;
  }),
];
