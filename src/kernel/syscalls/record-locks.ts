import { errno } from '../abi/errno.js';
import { type FileLock, LOCK_END, takeLock, unlock } from '../fs/locks.js';
import type { Transfer } from '../fs/transfer.js';
import { O_WRONLY } from '../fs/types.js';
import { done, type Outcome } from '../outcome.js';
import { readWords } from '../user.js';

/** The locks of fcntl(2) (fs/locks.c; fs/fcntl.c: compat_sys_fcntl for the structures). */
interface LockCommand {
  readonly wide: boolean;
  readonly waits: boolean;
  /** Owned by the open file. */
  readonly ofd: boolean;
}

/** F_SETLK, F_SETLKW, their 64-bit forms, F_OFD_SETLK, F_OFD_SETLKW. F_GETLK and F_OFD_GETLK are not modelled. */
const lockCommands: ReadonlyMap<number, LockCommand> = new Map([
  [6, { wide: false, waits: false, ofd: false }],
  [7, { wide: false, waits: true, ofd: false }],
  [13, { wide: true, waits: false, ofd: false }],
  [14, { wide: true, waits: true, ofd: false }],
  [37, { wide: true, waits: false, ofd: true }],
  [38, { wide: true, waits: true, ofd: true }],
]);

const NR_FCNTL = 55;
const F_RDLCK = 0;
const F_WRLCK = 1;
const F_UNLCK = 2;

/** struct flock {short type, whence; s32 start, length; pid} or flock64, whose start and length are two words each. */
interface Request {
  readonly type: number;
  readonly whence: number;
  readonly start: number;
  readonly length: number;
  readonly pid: number;
}

function readRequest(t: Transfer, address: number, wide: boolean): Request | null {
  const words = readWords(t.kernel, t.task, address, wide ? 6 : 4);
  if (words === null) return null;
  const [first = 0, a = 0, b = 0, c = 0, d = 0, e = 0] = words;
  const s64 = (low: number, high: number) => (high | 0) * 0x100000000 + low;
  const [start, length, pid] = wide ? [s64(a, b), s64(c, d), e] : [a | 0, b | 0, c];
  return { type: first & 0xffff, whence: first >>> 16, start, length, pid };
}

/** A negative length covers what is before the start. null is EINVAL. */
function rangeOf(t: Transfer, { whence, start, length }: Request): { from: number; to: number } | null {
  const object = t.kernel.state.objects.find(({ id }) => id === t.file.object);
  const size = object?.kind === 'regular' ? object.data.length : 0;
  const base = [0, t.file.offset, size][whence];
  if (base === undefined) return null;
  const at = base + start;
  const from = length < 0 ? at + length : at;
  const to = length === 0 ? LOCK_END : length < 0 ? at - 1 : at + length - 1;
  return from < 0 ? null : { from, to };
}

/** The commands of fcntl that are about locks; null for any other. */
export function fcntlLock(t: Transfer): Outcome | null {
  const { kernel, task, call, file } = t;
  const [, number, address] = call.args;
  const command = lockCommands.get(number);
  if (command === undefined) return null;
  if (call.nr === NR_FCNTL && command.wide) return done(-errno.EINVAL);
  const request = readRequest(t, address, command.wide);
  if (request === null) return done(-errno.EFAULT);
  const range = rangeOf(t, request);
  if (range === null || request.type > F_UNLCK) return done(-errno.EINVAL);
  if (command.ofd && request.pid !== 0) return done(-errno.EINVAL);
  const refused =
    (request.type === F_RDLCK && file.access === O_WRONLY) || (request.type === F_WRLCK && file.access === 0);
  if (refused) return done(-errno.EBADF);
  const wanted: FileLock = {
    object: file.object,
    kind: 'record',
    owner: command.ofd ? { kind: 'file', id: file.id } : { kind: 'process', id: task.pid },
    type: request.type === F_WRLCK ? 'write' : 'read',
    ...range,
  };
  if (request.type !== F_UNLCK) return takeLock(t, wanted, command.waits);
  unlock(kernel, wanted);
  return done(0);
}
