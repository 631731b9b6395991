import { errno, restart } from '../abi/errno.js';
import { signals } from '../abi/signals.js';
import { type Kernel, log } from '../kernel.js';
import { done, type Outcome, sleepInterruptibly } from '../outcome.js';
import { killInfo } from '../siginfo.js';
import { sendToThread } from '../signal/send.js';
import type { Call, Task } from '../state.js';
import { isOpen, objectById } from './descriptors.js';
import { EVENTFD_MAX } from './readiness.js';
import { receive, send } from './socket.js';
import { type FileObject, O_APPEND, O_NONBLOCK, O_WRONLY, type OpenFile, PIPE_BUF } from './types.js';

/**
 * Reading and writing open files. `Store` and `Load` move bytes to and from user memory, so that read and readv, recv and
 * recvmsg share this code; false or null is EFAULT.
 */
export type Store = (bytes: Uint8Array) => boolean;

export interface Transfer {
  readonly kernel: Kernel;
  readonly task: Task;
  readonly call: Call;
  readonly file: OpenFile;
}

/** What a call that moved bytes leaves in the history. */
export function logBytes(t: Transfer, kind: 'consumed' | 'produced', bytes: number): void {
  const object = objectById(t.kernel, t.file.object);
  const effect = { kind, object: `${object.kind}:${object.id}`, bytes } as const;
  log(t.kernel, { kind: 'effect', tid: t.task.tid, nr: t.call.nr, effect });
}

export function readFile(t: Transfer, length: number, store: Store): Outcome {
  const object = objectById(t.kernel, t.file.object);
  if (t.file.access === O_WRONLY) return done(-errno.EBADF);
  switch (object.kind) {
    case 'pipe':
      return readPipe(t, object, length, store);
    case 'socket':
      return receive(t, object, length, store, { flags: 0 });
    case 'regular':
    case 'stream':
      return readBytes(t, object, length, store);
    case 'device':
      return readDevice(object.name, length, store);
    case 'eventfd':
      return readEventfd(t, object, length, store);
    case 'directory':
      return done(-errno.EISDIR);
    case 'epoll':
      return done(-errno.EINVAL);
  }
}

type Of<K extends FileObject['kind']> = Extract<FileObject, { kind: K }>;

function readPipe(t: Transfer, pipe: Of<'pipe'>, length: number, store: Store): Outcome {
  if (length === 0) return done(0);
  if (pipe.data.length > 0) {
    const bytes = pipe.data.subarray(0, length);
    if (!store(bytes)) return done(-errno.EFAULT);
    pipe.data = pipe.data.slice(bytes.length);
    logBytes(t, 'consumed', bytes.length);
    return done(bytes.length);
  }
  if (!isOpen(t.kernel, pipe.id, O_WRONLY)) return done(0);
  if ((t.file.flags & O_NONBLOCK) !== 0) return done(-errno.EAGAIN);
  return sleepInterruptibly(t.task, {
    until: { kind: 'readable', file: t.file.id },
    interrupted: -restart.ERESTARTSYS,
  });
}

function readBytes(t: Transfer, object: Of<'regular' | 'stream'>, length: number, store: Store): Outcome {
  const bytes = object.data.subarray(t.file.offset, t.file.offset + length);
  if (!store(bytes)) return done(-errno.EFAULT);
  t.file.offset += bytes.length;
  if (bytes.length > 0) logBytes(t, 'consumed', bytes.length);
  return done(bytes.length);
}

/** A fixed sequence (a linear congruential generator): the model's randomness is the same in every run. */
export function pseudoRandom(length: number): Uint8Array {
  let state = 0x53570001;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

function readDevice(name: Of<'device'>['name'], length: number, store: Store): Outcome {
  if (name === 'null') return done(0);
  const bytes = name === 'urandom' ? pseudoRandom(length) : new Uint8Array(length);
  return done(store(bytes) ? length : -errno.EFAULT);
}

function readEventfd(t: Transfer, eventfd: Of<'eventfd'>, length: number, store: Store): Outcome {
  if (length < 8) return done(-errno.EINVAL);
  if (eventfd.count > 0n) {
    const value = eventfd.semaphore ? 1n : eventfd.count;
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    eventfd.count -= value;
    logBytes(t, 'consumed', 8);
    return done(store(bytes) ? 8 : -errno.EFAULT);
  }
  if ((t.file.flags & O_NONBLOCK) !== 0) return done(-errno.EAGAIN);
  return sleepInterruptibly(t.task, {
    until: { kind: 'readable', file: t.file.id },
    interrupted: -restart.ERESTARTSYS,
  });
}

export function writeFile(t: Transfer, bytes: Uint8Array): Outcome {
  const object = objectById(t.kernel, t.file.object);
  if (t.file.access === 0) return done(-errno.EBADF);
  switch (object.kind) {
    case 'pipe':
      return writePipe(t, object, bytes);
    case 'socket':
      return send(t, object, { bytes, files: [] }, 0);
    case 'regular':
      return writeRegular(t, object, bytes);
    case 'stream':
      return writeStream(t, object, bytes);
    case 'device':
      return done(object.name === 'full' ? -errno.ENOSPC : bytes.length);
    case 'eventfd':
      return writeEventfd(t, object, bytes);
    case 'directory':
    case 'epoll':
      return done(-errno.EINVAL);
  }
}

/** SIGPIPE to the thread that wrote (fs/pipe.c, net/unix: send_sig). */
export function brokenPipe(t: Transfer): Outcome {
  sendToThread(t.kernel, t.task.tid, t.task.tid, killInfo(signals.SIGPIPE, 0, t.task.pid));
  return done(-errno.EPIPE);
}

/** Up to PIPE_BUF bytes go in one piece; more is split, and a signal then leaves a short count (pipe(7)). */
function writePipe(t: Transfer, pipe: Of<'pipe'>, bytes: Uint8Array): Outcome {
  const before = t.call.progress?.done ?? 0;
  if (!isOpen(t.kernel, pipe.id, 0)) return before > 0 ? done(before) : brokenPipe(t);
  const rest = bytes.subarray(before);
  const room = pipe.capacity - pipe.data.length;
  const fits = rest.length <= room || (bytes.length > PIPE_BUF && room > 0);
  const chunk = fits ? rest.subarray(0, room) : rest.subarray(0, 0);
  if (chunk.length > 0) {
    pipe.data = concat(pipe.data, chunk);
    logBytes(t, 'produced', chunk.length);
  }
  const total = before + chunk.length;
  if (total === bytes.length) return done(total);
  if ((t.file.flags & O_NONBLOCK) !== 0) return done(total > 0 ? total : -errno.EAGAIN);
  return sleepInterruptibly(t.task, {
    until: { kind: 'writable', file: t.file.id },
    progress: { done: total },
    interrupted: total > 0 ? total : -restart.ERESTARTSYS,
  });
}

function writeRegular(t: Transfer, object: Of<'regular'>, bytes: Uint8Array): Outcome {
  const at = (t.file.flags & O_APPEND) !== 0 ? object.data.length : t.file.offset;
  const data = new Uint8Array(Math.max(object.data.length, at + bytes.length));
  data.set(object.data);
  data.set(bytes, at);
  object.data = data;
  t.file.offset = at + bytes.length;
  logBytes(t, 'produced', bytes.length);
  return done(bytes.length);
}

function writeStream(t: Transfer, object: Of<'stream'>, bytes: Uint8Array): Outcome {
  if (object.name === 'stdin') return done(-errno.EBADF);
  const fd = object.name === 'stdout' ? 1 : 2;
  log(t.kernel, { kind: 'output', tid: t.task.tid, fd, bytes });
  return done(bytes.length);
}

function writeEventfd(t: Transfer, eventfd: Of<'eventfd'>, bytes: Uint8Array): Outcome {
  if (bytes.length < 8) return done(-errno.EINVAL);
  const value = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (value > EVENTFD_MAX) return done(-errno.EINVAL);
  if (eventfd.count + value <= EVENTFD_MAX) {
    eventfd.count += value;
    logBytes(t, 'produced', 8);
    return done(8);
  }
  if ((t.file.flags & O_NONBLOCK) !== 0) return done(-errno.EAGAIN);
  return sleepInterruptibly(t.task, {
    until: { kind: 'writable', file: t.file.id },
    interrupted: -restart.ERESTARTSYS,
  });
}

export function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const sum = new Uint8Array(a.length + b.length);
  sum.set(a);
  sum.set(b, a.length);
  return sum;
}
