import { errno } from '../abi/errno.js';
import { findObject, objectById } from '../fs/descriptors.js';
import { readFile, writeFile } from '../fs/io.js';
import type { Transfer } from '../fs/transfer.js';
import type { FileObject, OpenFile } from '../fs/types.js';
import { type Kernel, processOf } from '../kernel.js';
import { saveShared } from '../mm/shared.js';
import { done, type Handler, type Outcome } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { readUserPrefix, writeUser, writeWords } from '../user.js';
import { define, type Syscall } from './define.js';
import { MAX_RW, withFile } from './files.js';
import { readPath, withEntry } from './paths.js';

/** Calls about a file's position and size (fs/read_write.c, fs/open.c). */

/** read or write at a position of its own: only what can be sought has one. */
function positioned(run: (t: Transfer, address: number, length: number) => Outcome): Handler {
  return (kernel, task, call) =>
    withFile(kernel, task, call, (t) => {
      const [, address, length, low, high] = call.args;
      if ((high | 0) < 0) return done(-errno.EINVAL);
      const { file } = t;
      if (!hasPosition(kernel, file)) return done(-errno.ESPIPE);
      const before = file.offset;
      file.offset = high * 2 ** 32 + low;
      const outcome = run(t, address, Math.min(length, MAX_RW));
      file.offset = before;
      return outcome;
    });
}

const pread = positioned((t, address, length) =>
  readFile(t, length, (bytes) => writeUser(t.kernel, t.task, address, bytes)),
);

const pwrite = positioned((t, address, length) => {
  return writeFile(t, readUserPrefix(t.kernel, t.task, address, length), length);
});

function setSize(kernel: Kernel, task: Task, object: FileObject, low: number, high: number): number {
  if ((high | 0) < 0 || object.kind !== 'regular') return -errno.EINVAL;
  if (high !== 0) return -errno.EFBIG;
  const { mm } = processOf(kernel, task);
  saveShared(kernel, mm, object.id);
  const data = new Uint8Array(low);
  data.set(object.data.subarray(0, data.length));
  object.data = data;
  return 0;
}

/** The high half of the size; the 32-bit calls' sign. */
function highHalf({ args }: Call, is64: boolean): number {
  return is64 ? args[2] : args[1] >> 31;
}

function ftruncate(is64: boolean): Handler {
  return (kernel, task, call) =>
    withFile(kernel, task, call, ({ file }) => {
      if (file.access === 0) return done(-errno.EINVAL);
      return done(setSize(kernel, task, findObject(kernel, file), call.args[1], highHalf(call, is64)));
    });
}

function truncate(is64: boolean): Handler {
  return (kernel, task, call) =>
    withEntry(kernel, readPath(kernel, task, call.args[0]), (entry) =>
      entry.kind === 'directory'
        ? -errno.EISDIR
        : setSize(kernel, task, entry, call.args[1], highHalf(call, is64)),
    );
}

function hasPosition(kernel: Kernel, file: OpenFile): boolean {
  return !['pipe', 'socket', 'stream'].includes(objectById(kernel, file.object).kind);
}

/** New position, or a negative error number. */
function seek(kernel: Kernel, file: OpenFile, offset: number, whence: number): number {
  const object = objectById(kernel, file.object);
  if (!hasPosition(kernel, file)) return -errno.ESPIPE;
  const size = object.kind === 'regular' ? object.data.length : 0;
  const base = [0, file.offset, size][whence];
  if (base === undefined || base + offset < 0) return -errno.EINVAL;
  file.offset = base + offset;
  return file.offset;
}

const lseek: Handler = (kernel, task, call) =>
  withFile(kernel, task, call, ({ file }) => done(seek(kernel, file, call.args[1] | 0, call.args[2])));

const llseek: Handler = (kernel, task, call) =>
  withFile(kernel, task, call, ({ file }) => {
    const [, high, low, result, whence] = call.args;
    const position = seek(kernel, file, (high | 0) * 2 ** 32 + low, whence);
    if (position < 0) return done(position);
    const words = [position >>> 0, Math.floor(position / 2 ** 32)];
    return done(writeWords(kernel, task, result, words) ? 0 : -errno.EFAULT);
  });

export const positionSyscalls: readonly Syscall[] = [
  define(180, 'pread64', ['fd', 'out-buffer', 'uint', 'uint', 'uint'], pread),
  define(181, 'pwrite64', ['fd', 'in-buffer', 'uint', 'uint', 'uint'], pwrite),
  define(92, 'truncate', ['path', 'int'], truncate(false)),
  define(93, 'ftruncate', ['fd', 'int'], ftruncate(false)),
  define(193, 'truncate64', ['path', 'uint', 'uint'], truncate(true)),
  define(194, 'ftruncate64', ['fd', 'uint', 'uint'], ftruncate(true)),
  define(19, 'lseek', ['fd', 'int', 'whence'], lseek),
  define(140, '_llseek', ['fd', 'int', 'uint', 'pointer', 'whence'], llseek),
];
