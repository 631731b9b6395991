import { errno } from '../abi/errno.js';
import {
  addObject,
  addOpenFile,
  closeFd,
  FD_LIMIT,
  findFile,
  findObject,
  installFd,
  logDescriptor,
  replaceFd,
  setCloseOnExec,
} from '../fs/descriptors.js';
import { readFile, writeFile } from '../fs/io.js';
import { pipeBytes } from '../fs/pipe.js';
import type { Transfer } from '../fs/transfer.js';
import { O_CLOEXEC, O_NONBLOCK, O_WRONLY, type OpenFile } from '../fs/types.js';
import { type Kernel, log, processOf } from '../kernel.js';
import { done, type Handler, type Outcome } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { readUser, readUserPrefix, readWords, writeUser, writeWords } from '../user.js';
import { define, type Syscall } from './define.js';
import { fcntlLock } from './record-locks.js';

/** Calls on open files (fs/read_write.c, fs/pipe.c, fs/fcntl.c). */

export const MAX_RW = 0x7ffff000;

/** EBADF, or the call on its open file. */
export function withFile(
  kernel: Kernel,
  task: Task,
  call: Call,
  run: (transfer: Transfer) => Outcome,
): Outcome {
  const file = findFile(kernel, task, call.args[0]);
  return file === undefined ? done(-errno.EBADF) : run({ kernel, task, call, file });
}

const read: Handler = (kernel, task, call) =>
  withFile(kernel, task, call, (t) => {
    const [, address, length] = call.args;
    return readFile(t, Math.min(length, MAX_RW), (bytes) => writeUser(kernel, task, address, bytes));
  });

const write: Handler = (kernel, task, call) =>
  withFile(kernel, task, call, (t) => {
    const length = Math.min(call.args[2], MAX_RW);
    return writeFile(t, readUserPrefix(kernel, task, call.args[1], length), length);
  });

export interface Segment {
  readonly address: number;
  readonly length: number;
}

/** An array of struct iovec, or an error number. */
export function readIovec(kernel: Kernel, task: Task, address: number, count: number): Segment[] | number {
  const IOV_MAX = 1024;
  if (count > IOV_MAX) return errno.EINVAL;
  const words = readWords(kernel, task, address, 2 * count);
  if (words === null) return errno.EFAULT;
  return Array.from({ length: count }, (_, i) => ({
    address: words[2 * i] ?? 0,
    length: words[2 * i + 1] ?? 0,
  }));
}

/** Collects the segments' bytes; null when one cannot be read. */
export function gather(kernel: Kernel, task: Task, segments: readonly Segment[]): Uint8Array | null {
  const parts = segments.map(({ address, length }) => readUser(kernel, task, address, length));
  return parts.some((part) => part === null) ? null : Buffer.concat(parts.filter((part) => part !== null));
}

/** The segments' bytes up to the first one that cannot be read. */
function gatherPrefix(kernel: Kernel, task: Task, segments: readonly Segment[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { address, length } of segments) {
    const part = readUserPrefix(kernel, task, address, length);
    parts.push(part);
    if (part.length < length) break;
  }
  return Buffer.concat(parts);
}

/** Spreads bytes over the segments; false when one cannot be written. */
export function scatter(
  kernel: Kernel,
  task: Task,
  segments: readonly Segment[],
  bytes: Uint8Array,
): boolean {
  let at = 0;
  for (const { address, length } of segments) {
    const part = bytes.subarray(at, at + length);
    if (!writeUser(kernel, task, address, part)) return false;
    at += part.length;
  }
  return true;
}

const readv: Handler = (kernel, task, call) =>
  withFile(kernel, task, call, (t) => {
    const segments = readIovec(kernel, task, call.args[1], call.args[2]);
    if (typeof segments === 'number') return done(-segments);
    const total = segments.reduce((sum, { length }) => sum + length, 0);
    return readFile(t, total, (bytes) => scatter(kernel, task, segments, bytes));
  });

const writev: Handler = (kernel, task, call) =>
  withFile(kernel, task, call, (t) => {
    const segments = readIovec(kernel, task, call.args[1], call.args[2]);
    if (typeof segments === 'number') return done(-segments);
    const total = segments.reduce((sum, { length }) => sum + length, 0);
    return writeFile(t, gatherPrefix(kernel, task, segments), total);
  });

/** The descriptor is gone whatever close returns. */
const close: Handler = (kernel, task, { args, nr }) => {
  if (!closeFd(kernel, processOf(kernel, task), args[0])) return done(-errno.EBADF);
  log(kernel, { kind: 'effect', tid: task.tid, nr, effect: { kind: 'closed', fd: args[0] } });
  return done(0);
};

/** Writes a pair of new descriptors to user memory; both are closed again when that fails. */
export function installPair(
  kernel: Kernel,
  task: Task,
  nr: number,
  address: number,
  files: readonly OpenFile[],
  closeOnExec: boolean,
): Outcome {
  const fds = files.map((file) => installFd(kernel, task, file, closeOnExec));
  const failed = fds.find((fd) => fd < 0);
  if (failed !== undefined || !writeWords(kernel, task, address, fds)) {
    for (const fd of fds) if (fd >= 0) closeFd(kernel, processOf(kernel, task), fd);
    return done(failed ?? -errno.EFAULT);
  }
  for (const fd of fds) logDescriptor(kernel, task, nr, fd);
  return done(0);
}

function pipe(flagsAt: 1 | null): Handler {
  return (kernel, task, { args, nr }) => {
    const flags = flagsAt === null ? 0 : args[flagsAt];
    if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) !== 0) return done(-errno.EINVAL);
    const object = addObject(kernel, (id) => ({
      kind: 'pipe',
      id,
      buffers: [],
    }));
    const path = `pipe:[${object.id}]`;
    const status = flags & O_NONBLOCK;
    const files = [0, O_WRONLY].map((access) =>
      addOpenFile(kernel, { object: object.id, access, flags: status, path }),
    );
    return installPair(kernel, task, nr, args[0], files, (flags & O_CLOEXEC) !== 0);
  };
}

function duplicate(
  kernel: Kernel,
  task: Task,
  nr: number,
  fd: number,
  from: number,
  closeOnExec: boolean,
): Outcome {
  const file = findFile(kernel, task, fd);
  if (file === undefined) return done(-errno.EBADF);
  if (from >= FD_LIMIT) return done(-errno.EINVAL);
  const copy = installFd(kernel, task, file, closeOnExec, from);
  if (copy >= 0) logDescriptor(kernel, task, nr, copy);
  return done(copy);
}

const dup2: Handler = (kernel, task, { args, nr }) => {
  const file = findFile(kernel, task, args[0]);
  if (file === undefined) return done(-errno.EBADF);
  if (args[0] === args[1]) return done(args[1]);
  const fd = replaceFd(kernel, task, file, args[1], false);
  if (fd >= 0) logDescriptor(kernel, task, nr, fd);
  return done(fd);
};

const dup3: Handler = (kernel, task, { args, nr }) => {
  const file = findFile(kernel, task, args[0]);
  if (args[0] === args[1] || (args[2] & ~O_CLOEXEC) !== 0) return done(-errno.EINVAL);
  if (file === undefined) return done(-errno.EBADF);
  const fd = replaceFd(kernel, task, file, args[1], (args[2] & O_CLOEXEC) !== 0);
  if (fd >= 0) logDescriptor(kernel, task, nr, fd);
  return done(fd);
};

const FIONREAD = 0x541b;

/** No terminals here: isatty's question is answered with ENOTTY. */
const ioctl: Handler = (kernel, task, call) =>
  withFile(kernel, task, call, ({ file }) => {
    const object = findObject(kernel, file);
    if (call.args[1] !== FIONREAD || object.kind !== 'pipe') return done(-errno.ENOTTY);
    return done(writeWords(kernel, task, call.args[2], [pipeBytes(object)]) ? 0 : -errno.EFAULT);
  });

const F_DUPFD = 0;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const O_LARGEFILE = 0o100000;
const SETTABLE = O_NONBLOCK | 0o2000;

const fcntl: Handler = (kernel, task, call) =>
  withFile(kernel, task, call, (t) => {
    const { file } = t;
    const [fd, command, argument] = call.args;
    const entry = processOf(kernel, task).fds[fd];
    switch (command) {
      case F_DUPFD:
        return duplicate(kernel, task, call.nr, fd, argument, false);
      case F_DUPFD_CLOEXEC:
        return duplicate(kernel, task, call.nr, fd, argument, true);
      case F_GETFD:
        return done(entry?.closeOnExec === true ? 1 : 0);
      case F_SETFD:
        setCloseOnExec(kernel, task, fd, (argument & 1) !== 0);
        return done(0);
      case F_GETFL:
        return done(
          file.access | file.flags | (findObject(kernel, file).kind === 'regular' ? O_LARGEFILE : 0),
        );
      case F_SETFL:
        file.flags = (file.flags & ~SETTABLE) | (argument & SETTABLE);
        return done(0);
      default:
        return fcntlLock(t) ?? unknownCommand(t, command);
    }
  });

function unknownCommand({ kernel, task }: Transfer, command: number): Outcome {
  log(kernel, { kind: 'unmodelled', tid: task.tid, what: `fcntl command ${command}` });
  return done(-errno.EINVAL);
}

export const fileSyscalls: readonly Syscall[] = [
  define(3, 'read', ['fd', 'out-buffer', 'uint'], read),
  define(4, 'write', ['fd', 'in-buffer', 'uint'], write),
  define(145, 'readv', ['fd', 'out-iovec', 'uint'], readv),
  define(146, 'writev', ['fd', 'iovec', 'uint'], writev),
  define(6, 'close', ['fd'], close),
  define(42, 'pipe', ['out-fd-pair'], pipe(null)),
  define(331, 'pipe2', ['out-fd-pair', 'fd-flags'], pipe(1)),
  define(41, 'dup', ['fd'], (kernel, task, { args, nr }) => duplicate(kernel, task, nr, args[0], 0, false)),
  define(63, 'dup2', ['fd', 'int'], dup2),
  define(330, 'dup3', ['fd', 'int', 'fd-flags'], dup3),
  define(54, 'ioctl', ['fd', 'hex', 'pointer'], ioctl),
  define(55, 'fcntl', ['fd', 'fcntl-command', 'hex'], fcntl),
  define(221, 'fcntl64', ['fd', 'fcntl-command', 'hex'], fcntl),
];
