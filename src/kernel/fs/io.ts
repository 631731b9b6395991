import { errno, restart } from '../abi/errno.js';
import { log, processOf } from '../kernel.js';
import { saveShared, showShared } from '../mm/shared.js';
import { done, type Outcome, sleepInterruptibly } from '../outcome.js';
import { objectById } from './descriptors.js';
import { readPipe, writePipe } from './pipe.js';
import { EVENTFD_MAX } from './readiness.js';
import { receive, send } from './socket.js';
import { logBytes, type Store, type Transfer } from './transfer.js';
import { type FileObject, O_APPEND, O_NONBLOCK, O_WRONLY } from './types.js';

/** Reading and writing open files. */

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

function readBytes(t: Transfer, object: Of<'regular' | 'stream'>, length: number, store: Store): Outcome {
  if (object.kind === 'regular') saveShared(t.kernel, processOf(t.kernel, t.task).mm, object.id);
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

/**
 * `bytes` is what can be read of the `length` to write. Where that is not all, a pipe and a file write what they can, and
 * everything else that looks at the bytes says EFAULT.
 */
export function writeFile(t: Transfer, bytes: Uint8Array, length: number): Outcome {
  const object = objectById(t.kernel, t.file.object);
  if (t.file.access === 0) return done(-errno.EBADF);
  if (object.kind === 'pipe') return writePipe(t, object, bytes, length);
  if (object.kind === 'device') return done(object.name === 'full' ? -errno.ENOSPC : length);
  const some = object.kind === 'regular' && bytes.length > 0;
  return bytes.length < length && !some ? done(-errno.EFAULT) : writeBytes(t, object, bytes);
}

function writeBytes(
  t: Transfer,
  object: Exclude<FileObject, Of<'pipe' | 'device'>>,
  bytes: Uint8Array,
): Outcome {
  switch (object.kind) {
    case 'socket':
      return send(t, object, { bytes, files: [] }, 0);
    case 'regular':
      return writeRegular(t, object, bytes);
    case 'stream':
      return writeStream(t, object, bytes);
    case 'eventfd':
      return writeEventfd(t, object, bytes);
    case 'directory':
    case 'epoll':
      return done(-errno.EINVAL);
  }
}

function writeRegular(t: Transfer, object: Of<'regular'>, bytes: Uint8Array): Outcome {
  const { mm } = processOf(t.kernel, t.task);
  saveShared(t.kernel, mm, object.id);
  const at = (t.file.flags & O_APPEND) !== 0 ? object.data.length : t.file.offset;
  const data = new Uint8Array(Math.max(object.data.length, at + bytes.length));
  data.set(object.data);
  data.set(bytes, at);
  object.data = data;
  showShared(t.kernel, mm, object.id);
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
