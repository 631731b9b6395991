import { errno } from '../abi/errno.js';
import { SIGNAL_COUNT } from '../abi/signals.js';
import { type Kernel, threadsOf } from '../kernel.js';
import { done, type Handler } from '../outcome.js';
import type { Task, Timer } from '../state.js';
import {
  clockToNow,
  isClock,
  NANOSECONDS,
  readTimespec,
  splitNanoseconds,
  TIMER_ABSTIME,
  writeTimespec,
} from '../time/clock.js';
import { nextExpiry } from '../time/rearm.js';
import { readWords, writeUserU32, writeWords } from '../user.js';
import { define, type Syscall } from './define.js';

/** Timers that send signals (kernel/time/itimer.c, posix-timers.c). */

function realTimer(kernel: Kernel, pid: number): Timer | undefined {
  return kernel.state.timers.find((timer) => timer.pid === pid && !timer.posix);
}

function armRealTimer(kernel: Kernel, pid: number, duration: number, interval: number): void {
  const deadline = duration === 0 ? null : kernel.state.now + duration;
  const timer = realTimer(kernel, pid);
  if (timer !== undefined) Object.assign(timer, { deadline, interval, expired: null });
  else {
    const fresh = {
      id: 0,
      pid,
      tid: null,
      sig: 14,
      value: 0,
      clock: 0,
      posix: false,
      deadline,
      interval,
      expired: null,
      overrun: 0,
    };
    kernel.state.timers = [...kernel.state.timers, fresh];
  }
}

function timeLeft(kernel: Kernel, timer: Timer | undefined): number {
  const { now } = kernel.state;
  const deadline = timer === undefined ? null : (timer.deadline ?? nextExpiry(timer, now)?.deadline ?? null);
  return deadline === null ? 0 : Math.max(0, deadline - now);
}

/** Seconds left, rounded to the nearest and at least 1 while armed (alarm_setitimer). */
const alarm: Handler = (kernel, task, { args }) => {
  const left = timeLeft(kernel, realTimer(kernel, task.pid));
  armRealTimer(kernel, task.pid, args[0] * NANOSECONDS, 0);
  return done(left === 0 ? 0 : Math.max(1, Math.round(left / NANOSECONDS)));
};

function toTimeval(nanoseconds: number): [number, number] {
  const { seconds, nanoseconds: rest } = splitNanoseconds(nanoseconds);
  return [seconds, Math.floor(rest / 1000)];
}

/** struct itimerval: interval, then value, each seconds and microseconds. Only ITIMER_REAL: the others count CPU time. */
const setitimer: Handler = (kernel, task, { args }) => {
  const [which, newValue, oldValue] = args;
  const words = newValue === 0 ? [0, 0, 0, 0] : readWords(kernel, task, newValue, 4);
  if (words === null) return done(-errno.EFAULT);
  if (which > 2) return done(-errno.EINVAL);
  const [intervalSec = 0, intervalUsec = 0, valueSec = 0, valueUsec = 0] = words;
  if (intervalUsec >= 1_000_000 || valueUsec >= 1_000_000) return done(-errno.EINVAL);
  const old = which === 0 ? realTimer(kernel, task.pid) : undefined;
  const before = [...toTimeval(old?.interval ?? 0), ...toTimeval(timeLeft(kernel, old))];
  const nanoseconds = (sec: number, usec: number) => sec * NANOSECONDS + usec * 1000;
  if (which === 0) {
    armRealTimer(kernel, task.pid, nanoseconds(valueSec, valueUsec), nanoseconds(intervalSec, intervalUsec));
  }
  return done(oldValue === 0 || writeWords(kernel, task, oldValue, before) ? 0 : -errno.EFAULT);
};

const getitimer: Handler = (kernel, task, { args }) => {
  const timer = args[0] === 0 ? realTimer(kernel, task.pid) : undefined;
  const value = [...toTimeval(timer?.interval ?? 0), ...toTimeval(timeLeft(kernel, timer))];
  return done(writeWords(kernel, task, args[1], value) ? 0 : -errno.EFAULT);
};

const SIGEV_SIGNAL = 0;
const SIGEV_NONE = 1;
const SIGEV_THREAD = 2;
const SIGEV_THREAD_ID = 4;

/** good_sigevent: a signal that exists, and for SIGEV_THREAD_ID a thread of this process. */
function goodEvent(kernel: Kernel, task: Task, sig: number, notify: number, tid: number): boolean {
  if (notify === SIGEV_NONE) return true;
  if (notify === SIGEV_THREAD_ID && !threadsOf(kernel, task.pid).some((thread) => thread.tid === tid))
    return false;
  return [SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_THREAD_ID].includes(notify) && sig >= 1 && sig <= SIGNAL_COUNT;
}

/** struct sigevent: value, signal, notify, thread id. */
const timerCreate: Handler = (kernel, task, { args }) => {
  const [clock, event, idAddress] = args;
  if (!isClock(clock | 0)) return done(-errno.EINVAL);
  const id = kernel.state.timers.reduce(
    (next, timer) => (timer.posix ? Math.max(next, timer.id + 1) : next),
    0,
  );
  const words = event === 0 ? [id, 14, SIGEV_SIGNAL, 0] : readWords(kernel, task, event, 4);
  if (words === null) return done(-errno.EFAULT);
  const [value = 0, sig = 0, notify = 0, tid = 0] = words;
  if (!goodEvent(kernel, task, sig, notify, tid)) return done(-errno.EINVAL);
  if (!writeUserU32(kernel, task, idAddress, id)) return done(-errno.EFAULT);
  const timer: Timer = {
    id,
    pid: task.pid,
    tid: notify === SIGEV_THREAD_ID ? tid : null,
    sig: notify === SIGEV_NONE ? 0 : sig,
    value,
    clock: clock | 0,
    posix: true,
    deadline: null,
    interval: 0,
    expired: null,
    overrun: 0,
  };
  kernel.state.timers = [...kernel.state.timers, timer];
  return done(0);
};

function posixTimer(kernel: Kernel, task: Task, id: number): Timer | undefined {
  return kernel.state.timers.find((timer) => timer.posix && timer.pid === task.pid && timer.id === id);
}

function writeItimerspec(kernel: Kernel, task: Task, address: number, is64: boolean, timer: Timer): boolean {
  const size = is64 ? 16 : 8;
  return (
    writeTimespec(kernel, task, address, is64, splitNanoseconds(timer.interval)) &&
    writeTimespec(kernel, task, address + size, is64, splitNanoseconds(timeLeft(kernel, timer)))
  );
}

function timerSettime(is64: boolean): Handler {
  return (kernel, task, { args }) => {
    const [id, flags, newValue, oldValue] = args;
    const timer = posixTimer(kernel, task, id);
    if (timer === undefined || newValue === 0) return done(-errno.EINVAL);
    const interval = readTimespec(kernel, task, newValue, is64);
    const value = readTimespec(kernel, task, newValue + (is64 ? 16 : 8), is64);
    if (interval === 'fault' || value === 'fault') return done(-errno.EFAULT);
    if (interval === 'invalid' || value === 'invalid') return done(-errno.EINVAL);
    if (oldValue !== 0 && !writeItimerspec(kernel, task, oldValue, is64, timer)) return done(-errno.EFAULT);
    const absolute = (flags & TIMER_ABSTIME) !== 0;
    const at = absolute ? clockToNow(kernel, timer.clock, value) : kernel.state.now + value;
    timer.deadline = value === 0 ? null : at;
    timer.interval = interval;
    timer.expired = null;
    return done(0);
  };
}

function timerGettime(is64: boolean): Handler {
  return (kernel, task, { args }) => {
    const timer = posixTimer(kernel, task, args[0]);
    if (timer === undefined) return done(-errno.EINVAL);
    return done(writeItimerspec(kernel, task, args[1], is64, timer) ? 0 : -errno.EFAULT);
  };
}

const timerDelete: Handler = (kernel, task, { args }) => {
  const timer = posixTimer(kernel, task, args[0]);
  if (timer === undefined) return done(-errno.EINVAL);
  kernel.state.timers = kernel.state.timers.filter((other) => other !== timer);
  return done(0);
};

export const timerSyscalls: readonly Syscall[] = [
  define(27, 'alarm', ['uint'], alarm),
  define(104, 'setitimer', ['int', 'pointer', 'pointer'], setitimer),
  define(105, 'getitimer', ['int', 'pointer'], getitimer),
  define(259, 'timer_create', ['clock', 'pointer', 'pointer'], timerCreate),
  define(260, 'timer_settime', ['int', 'hex', 'pointer', 'pointer'], timerSettime(false)),
  define(409, 'timer_settime64', ['int', 'hex', 'pointer', 'pointer'], timerSettime(true)),
  define(261, 'timer_gettime', ['int', 'pointer'], timerGettime(false)),
  define(408, 'timer_gettime64', ['int', 'pointer'], timerGettime(true)),
  define(262, 'timer_getoverrun', ['int'], (kernel, task, { args }) =>
    done(posixTimer(kernel, task, args[0])?.overrun ?? -errno.EINVAL),
  ),
  define(263, 'timer_delete', ['int'], timerDelete),
];
