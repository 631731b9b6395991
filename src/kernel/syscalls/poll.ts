import { errno, restart } from '../abi/errno.js';
import { FD_LIMIT, findFile } from '../fs/descriptors.js';
import {
  conditionFor,
  eventsOf,
  firstDeadline,
  installMask,
  type PollEntry,
  restoreMask,
  writeTimeLeft,
} from '../fs/polling.js';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI } from '../fs/readiness.js';
import { type Kernel, processOf } from '../kernel.js';
import { done, type Handler, type Outcome, sleepInterruptibly } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { NANOSECONDS } from '../time/clock.js';
import { readUser, readWords, writeUser } from '../user.js';
import { define, type Syscall } from './define.js';
import { readSet } from './signals.js';

/** poll, ppoll, select, pselect6 (fs/select.c). */

function readPollEntries(kernel: Kernel, task: Task, address: number, count: number): PollEntry[] | null {
  const bytes = readUser(kernel, task, address, 8 * count);
  if (bytes === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, i) => ({
    fd: view.getInt32(8 * i, true),
    events: view.getUint16(8 * i + 4, true),
  }));
}

interface PollRequest {
  readonly deadline: number | null;
  readonly restartable: boolean;
}

function poll(kernel: Kernel, task: Task, call: Call, { deadline, restartable }: PollRequest): Outcome {
  const [address, count] = call.args;
  if (count > FD_LIMIT) return done(-errno.EINVAL);
  const entries = readPollEntries(kernel, task, address, count);
  if (entries === null) return done(-errno.EFAULT);
  const found = entries.map((entry) => eventsOf(kernel, task, entry));
  const ready = found.filter((events) => events !== 0).length;
  const expired = deadline !== null && kernel.state.now >= deadline;
  if (ready > 0 || (expired && !task.signalPending)) {
    for (const [i, events] of found.entries()) {
      if (!writeUser(kernel, task, address + 8 * i + 6, Uint8Array.of(events & 255, events >> 8))) {
        return done(-errno.EFAULT);
      }
    }
    return done(ready);
  }
  if (task.signalPending && restartable) {
    task.restartBlock = { ...call, progress: { deadline } };
    return done(-restart.ERESTART_RESTARTBLOCK);
  }
  return sleepInterruptibly(task, {
    until: conditionFor(kernel, task, entries),
    deadline,
    progress: { deadline },
    interrupted: -restart.ERESTARTNOHAND,
  });
}

const MILLISECOND = 1_000_000;

const pollCall: Handler = (kernel, task, call) => {
  const timeout = call.args[2] | 0;
  const fresh = timeout < 0 ? null : kernel.state.now + timeout * MILLISECOND;
  const deadline = call.progress?.deadline !== undefined ? call.progress.deadline : fresh;
  return poll(kernel, task, call, { deadline, restartable: true });
};

/** The mask of ppoll and pselect; an error number, or 0. */
function temporaryMask(kernel: Kernel, task: Task, call: Call, address: number, size: number): number {
  if (address === 0 || call.progress !== null) return 0;
  const SIGSET_SIZE = 8;
  if (size !== SIGSET_SIZE) return errno.EINVAL;
  const set = readSet(kernel, task, address);
  if (set === null) return errno.EFAULT;
  installMask(kernel, task, set);
  return 0;
}

function ppoll(is64: boolean): Handler {
  return (kernel, task, call) => {
    const [, , timeout, mask, size] = call.args;
    const deadline = firstDeadline(kernel, task, call, timeout, is64);
    if (deadline === 'fault') return done(-errno.EFAULT);
    if (deadline === 'invalid') return done(-errno.EINVAL);
    const error = temporaryMask(kernel, task, call, mask, size);
    if (error !== 0) return done(-error);
    const outcome = poll(kernel, task, call, { deadline, restartable: false });
    restoreMask(kernel, task, outcome, -restart.ERESTARTNOHAND);
    const format = is64 ? 'timespec64' : 'timespec';
    return writeTimeLeft(kernel, task, call, outcome, { address: timeout, deadline, format });
  };
}

interface SelectRequest {
  readonly count: number;
  readonly sets: readonly [number, number, number];
  readonly deadline: number | null;
}

const SELECT_EVENTS = [POLLIN, POLLOUT, POLLPRI] as const;

function select(kernel: Kernel, task: Task, request: SelectRequest): Outcome {
  const { sets, deadline } = request;
  if ((request.count | 0) < 0) return done(-errno.EINVAL);
  const count = Math.min(request.count, tableSize(processOf(kernel, task).fds.length));
  const size = 4 * Math.ceil(count / 32);
  const entries: (PollEntry & { set: number })[] = [];
  for (const [set, address] of sets.entries()) {
    const bytes = address === 0 ? new Uint8Array(size) : readUser(kernel, task, address, size);
    if (bytes === null) return done(-errno.EFAULT);
    for (let fd = 0; fd < count; fd++) {
      if (((bytes[fd >> 3] ?? 0) >> (fd & 7)) & 1) entries.push({ fd, events: SELECT_EVENTS[set] ?? 0, set });
    }
  }
  if (entries.some(({ fd }) => findFile(kernel, task, fd) === undefined)) return done(-errno.EBADF);
  const ready = entries.filter((entry) => selected(eventsOf(kernel, task, entry), entry.set));
  const expired = deadline !== null && kernel.state.now >= deadline;
  if (ready.length === 0 && !(expired && !task.signalPending)) {
    return sleepInterruptibly(task, {
      until: conditionFor(kernel, task, entries),
      deadline,
      progress: { deadline },
      interrupted: -restart.ERESTARTNOHAND,
    });
  }
  return done(writeSelectSets(kernel, task, sets, size, ready) ? ready.length : -errno.EFAULT);
}

/** Slots of the kernel's table for this many descriptors, where select stops looking (fs/file.c: alloc_fdtable). */
function tableSize(used: number): number {
  const [FIRST, STEP] = [64, 128];
  return used <= FIRST ? FIRST : STEP * 2 ** Math.ceil(Math.log2(Math.ceil(used / STEP)));
}

/** A hang-up makes a descriptor readable, an error readable and writable (fs/select.c: POLLIN_SET, POLLOUT_SET). */
function selected(events: number, set: number): boolean {
  const wanted = [POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI][set] ?? 0;
  return (events & wanted) !== 0;
}

function writeSelectSets(
  kernel: Kernel,
  task: Task,
  sets: readonly number[],
  size: number,
  ready: readonly { fd: number; set: number }[],
): boolean {
  return sets.every((address, set) => {
    const bytes = new Uint8Array(size);
    for (const { fd } of ready.filter((entry) => entry.set === set)) {
      bytes[fd >> 3] = (bytes[fd >> 3] ?? 0) | (1 << (fd & 7));
    }
    return address === 0 || writeUser(kernel, task, address, bytes);
  });
}

/** struct timeval: seconds and microseconds. */
const newselect: Handler = (kernel, task, call) => {
  const [count, read, write, except, timeout] = call.args;
  let deadline: number | null | undefined = call.progress?.deadline;
  if (deadline === undefined) {
    const words = timeout === 0 ? null : readWords(kernel, task, timeout, 2);
    if (timeout !== 0 && words === null) return done(-errno.EFAULT);
    const [seconds = 0, microseconds = 0] = words ?? [];
    // More than a second of microseconds is carried over; a negative time is refused.
    if ((seconds | 0) < 0 || (microseconds | 0) < 0) return done(-errno.EINVAL);
    deadline = timeout === 0 ? null : kernel.state.now + seconds * NANOSECONDS + microseconds * 1000;
  }
  const outcome = select(kernel, task, { count, sets: [read, write, except], deadline });
  return writeTimeLeft(kernel, task, call, outcome, { address: timeout, deadline, format: 'timeval' });
};

/** The sixth argument points to {mask, size}. */
function pselect(is64: boolean): Handler {
  return (kernel, task, call) => {
    const [count, read, write, except, timeout, sixth] = call.args;
    const deadline = firstDeadline(kernel, task, call, timeout, is64);
    if (deadline === 'fault') return done(-errno.EFAULT);
    if (deadline === 'invalid') return done(-errno.EINVAL);
    const pair = sixth === 0 ? [0, 8] : readWords(kernel, task, sixth, 2);
    if (pair === null) return done(-errno.EFAULT);
    const error = temporaryMask(kernel, task, call, pair[0] ?? 0, pair[1] ?? 0);
    if (error !== 0) return done(-error);
    const outcome = select(kernel, task, { count, sets: [read, write, except], deadline });
    restoreMask(kernel, task, outcome, -restart.ERESTARTNOHAND);
    const format = is64 ? 'timespec64' : 'timespec';
    return writeTimeLeft(kernel, task, call, outcome, { address: timeout, deadline, format });
  };
}

export const pollSyscalls: readonly Syscall[] = [
  define(168, 'poll', ['poll-fds', 'uint', 'int'], pollCall),
  define(309, 'ppoll', ['poll-fds', 'uint', 'timespec', 'sigset', 'uint'], ppoll(false)),
  define(414, 'ppoll_time64', ['poll-fds', 'uint', 'timespec64', 'sigset', 'uint'], ppoll(true)),
  define(142, '_newselect', ['int', 'pointer', 'pointer', 'pointer', 'pointer'], newselect),
  define(308, 'pselect6', ['int', 'pointer', 'pointer', 'pointer', 'timespec', 'pointer'], pselect(false)),
  define(
    413,
    'pselect6_time64',
    ['int', 'pointer', 'pointer', 'pointer', 'timespec64', 'pointer'],
    pselect(true),
  ),
];
