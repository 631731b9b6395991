import { errno, restart } from '../abi/errno.js';
import type { Kernel } from '../kernel.js';
import { done, type Handler, type Outcome, sleepInterruptibly } from '../outcome.js';
import type { Call, Task } from '../state.js';
import {
  clockToNow,
  isClock,
  readClock,
  readTimespec,
  splitNanoseconds,
  TIMER_ABSTIME,
  writeTimespec,
} from '../time/clock.js';
import { writeUserU32, writeWords } from '../user.js';
import { define, type Syscall } from './define.js';

/** Clocks and sleeping (kernel/time/hrtimer.c, posix-timers.c). */

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

/** CLOCK_THREAD_CPUTIME_ID, MONOTONIC_RAW and both coarse ones have no nsleep (kernel/time/posix-timers.c). */
const NOT_SLEPT_BY = [3, 4, 5, 6];

function clockNanosleep(is64: boolean): Handler {
  return (kernel, task, call) => {
    const [clock, flags, request, remaining] = call.args;
    if (!isClock(clock | 0)) return done(-errno.EINVAL);
    if (NOT_SLEPT_BY.includes(clock | 0)) return done(-errno.EOPNOTSUPP);
    const absolute = (flags & TIMER_ABSTIME) !== 0;
    return sleepUntil(kernel, task, call, { clock: clock | 0, absolute, request, remaining, is64 });
  };
}

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
];
