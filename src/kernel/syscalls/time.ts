import { errno, restart } from '../abi/errno.js';
import type { Kernel } from '../kernel.js';
import { done, type Handler, type Outcome, sleepInterruptibly } from '../outcome.js';
import type { Call, Task, Timer } from '../state.js';
import {
  clockToNow,
  isClock,
  NANOSECONDS,
  readClock,
  readTimespec,
  splitNanoseconds,
  writeTimespec,
} from '../time/clock.js';
import { readWords, writeUserU32, writeWords } from '../user.js';
import { define, type Syscall } from './define.js';

/** Clocks, sleeping and timers (kernel/time/hrtimer.c, posix-timers.c, itimer.c). */

function clockGettime(is64: boolean): Handler {
  return (kernel, task, { args }) => {
    if (!isClock(args[0] | 0)) return done(-errno.EINVAL);
    return done(
      writeTimespec(kernel, task, args[1], is64, readClock(kernel, args[0] | 0)) ? 0 : -errno.EFAULT,
    );
  };
}

function clockGetres(is64: boolean): Handler {
  return (kernel, task, { args }) => {
    if (!isClock(args[0] | 0)) return done(-errno.EINVAL);
    const resolution = { seconds: 0, nanoseconds: 1 };
    return done(args[1] === 0 || writeTimespec(kernel, task, args[1], is64, resolution) ? 0 : -errno.EFAULT);
  };
}

interface SleepRequest {
  readonly clock: number;
  readonly absolute: boolean;
  readonly request: number;
  readonly remaining: number;
  readonly is64: boolean;
}

function sleepUntil(kernel: Kernel, task: Task, call: Call, sleep: SleepRequest): Outcome {
  let deadline = call.progress?.deadline ?? null;
  if (deadline === null) {
    const time = readTimespec(kernel, task, sleep.request, sleep.is64);
    if (time === 'fault') return done(-errno.EFAULT);
    if (time === 'invalid') return done(-errno.EINVAL);
    deadline = sleep.absolute ? clockToNow(kernel, sleep.clock, time) : kernel.state.now + time;
  } else if (kernel.state.now >= deadline) {
    return done(0);
  }
  if (task.signalPending && !sleep.absolute) return interruptedSleep(kernel, task, call, deadline, sleep);
  return sleepInterruptibly(task, {
    until: { kind: 'never' },
    deadline,
    progress: { deadline },
    interrupted: -restart.ERESTARTNOHAND,
  });
}

function interruptedSleep(
  kernel: Kernel,
  task: Task,
  call: Call,
  deadline: number,
  sleep: SleepRequest,
): Outcome {
  const left = splitNanoseconds(Math.max(0, deadline - kernel.state.now));
  if (sleep.remaining !== 0 && !writeTimespec(kernel, task, sleep.remaining, sleep.is64, left)) {
    return done(-errno.EFAULT);
  }
  task.restartBlock = { ...call, progress: { deadline } };
  return done(-restart.ERESTART_RESTARTBLOCK);
}

const CLOCK_MONOTONIC = 1;
const TIMER_ABSTIME = 1;

const nanosleep: Handler = (kernel, task, call) => {
  const [request, remaining] = call.args;
  return sleepUntil(kernel, task, call, {
    clock: CLOCK_MONOTONIC,
    absolute: false,
    request,
    remaining,
    is64: false,
  });
};

function clockNanosleep(is64: boolean): Handler {
  return (kernel, task, call) => {
    const [clock, flags, request, remaining] = call.args;
    if (!isClock(clock | 0)) return done(-errno.EINVAL);
    const absolute = (flags & TIMER_ABSTIME) !== 0;
    return sleepUntil(kernel, task, call, { clock: clock | 0, absolute, request, remaining, is64 });
  };
}

function realTimer(kernel: Kernel, pid: number): Timer | undefined {
  return kernel.state.timers.find((timer) => timer.pid === pid && !timer.posix);
}

function armRealTimer(kernel: Kernel, pid: number, duration: number, interval: number): void {
  const deadline = duration === 0 ? null : kernel.state.now + duration;
  const timer = realTimer(kernel, pid);
  if (timer !== undefined) Object.assign(timer, { deadline, interval });
  else {
    const fresh = { id: 0, pid, tid: null, sig: 14, value: 0, clock: 0, posix: false, deadline, interval };
    kernel.state.timers = [...kernel.state.timers, fresh];
  }
}

function timeLeft(kernel: Kernel, timer: Timer | undefined): number {
  return timer?.deadline == null ? 0 : Math.max(0, timer.deadline - kernel.state.now);
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
const SIGEV_THREAD_ID = 4;

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
  if (![SIGEV_SIGNAL, SIGEV_NONE, SIGEV_SIGNAL | SIGEV_THREAD_ID].includes(notify))
    return done(-errno.EINVAL);
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

const gettimeofday: Handler = (kernel, task, { args }) => {
  const { seconds, nanoseconds } = readClock(kernel, 0);
  if (args[0] === 0) return done(0);
  return done(
    writeWords(kernel, task, args[0], [seconds, Math.floor(nanoseconds / 1000)]) ? 0 : -errno.EFAULT,
  );
};

const time: Handler = (kernel, task, { args }) => {
  const { seconds } = readClock(kernel, 0);
  if (args[0] !== 0 && !writeUserU32(kernel, task, args[0], seconds)) return done(-errno.EFAULT);
  return done(seconds);
};

export const timeSyscalls: readonly Syscall[] = [
  define(13, 'time', ['pointer'], time),
  define(78, 'gettimeofday', ['pointer', 'pointer'], gettimeofday),
  define(265, 'clock_gettime', ['clock', 'out-timespec'], clockGettime(false)),
  define(403, 'clock_gettime64', ['clock', 'out-timespec64'], clockGettime(true)),
  define(266, 'clock_getres', ['clock', 'out-timespec'], clockGetres(false)),
  define(406, 'clock_getres_time64', ['clock', 'out-timespec64'], clockGetres(true)),
  define(162, 'nanosleep', ['timespec', 'pointer'], nanosleep),
  define(267, 'clock_nanosleep', ['clock', 'hex', 'timespec', 'pointer'], clockNanosleep(false)),
  define(407, 'clock_nanosleep_time64', ['clock', 'hex', 'timespec64', 'pointer'], clockNanosleep(true)),
  define(27, 'alarm', ['uint'], alarm),
  define(104, 'setitimer', ['int', 'pointer', 'pointer'], setitimer),
  define(105, 'getitimer', ['int', 'pointer'], getitimer),
  define(259, 'timer_create', ['clock', 'pointer', 'pointer'], timerCreate),
  define(260, 'timer_settime', ['int', 'hex', 'pointer', 'pointer'], timerSettime(false)),
  define(409, 'timer_settime64', ['int', 'hex', 'pointer', 'pointer'], timerSettime(true)),
  define(261, 'timer_gettime', ['int', 'pointer'], timerGettime(false)),
  define(408, 'timer_gettime64', ['int', 'pointer'], timerGettime(true)),
  define(262, 'timer_getoverrun', ['int'], (kernel, task, { args }) =>
    done(posixTimer(kernel, task, args[0]) === undefined ? -errno.EINVAL : 0),
  ),
  define(263, 'timer_delete', ['int'], timerDelete),
];
