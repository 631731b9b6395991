import { errno } from '../abi/errno.js';
import { addObject, addOpenFile, installFd, logDescriptor } from '../fs/descriptors.js';
import { type FileLock, holdsLock, LOCK_END, takeLock, unlock } from '../fs/locks.js';
import { O_RDWR } from '../fs/types.js';
import { done, type Handler } from '../outcome.js';
import { readString } from '../user.js';
import { define, type Syscall } from './define.js';
import { withFile } from './files.js';

/** flock(2) (fs/locks.c), and memfd_create(2) (mm/memfd.c), a file without a name that nobody else can lock. */
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** Another type is not a change of the lock: the old one is gone before the new one is waited for. */
const flock: Handler = (kernel, task, call) =>
  withFile(kernel, task, call, (t) => {
    const operation = call.args[1] & ~LOCK_NB;
    if (![LOCK_SH, LOCK_EX, LOCK_UN].includes(operation)) return done(-errno.EINVAL);
    const wanted: FileLock = {
      object: t.file.object,
      kind: 'flock',
      owner: { kind: 'file', id: t.file.id },
      type: operation === LOCK_EX ? 'write' : 'read',
      from: 0,
      to: LOCK_END,
    };
    if (operation !== LOCK_UN && holdsLock(kernel, wanted)) return done(0);
    unlock(kernel, wanted);
    return operation === LOCK_UN ? done(0) : takeLock(t, wanted, (call.args[1] & LOCK_NB) === 0);
  });

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const NAME_MAX = 249;

const memfdCreate: Handler = (kernel, task, { args, nr }) => {
  const [address, flags] = args;
  if ((flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING)) !== 0) return done(-errno.EINVAL);
  const name = readString(kernel, task, address);
  if (name === null) return done(-errno.EFAULT);
  if (name === 'too-long' || name.length > NAME_MAX) return done(-errno.EINVAL);
  const path = `/memfd:${name} (deleted)`;
  const data = new Uint8Array(0);
  const object = addObject(kernel, (id) => ({ kind: 'regular', id, data, mode: 0o777, links: 0, path }));
  const file = addOpenFile(kernel, { object: object.id, access: O_RDWR, flags: 0, path });
  const fd = installFd(kernel, task, file, (flags & MFD_CLOEXEC) !== 0);
  if (fd >= 0) logDescriptor(kernel, task, nr, fd);
  return done(fd);
};

export const lockSyscalls: readonly Syscall[] = [
  define(143, 'flock', ['fd', 'int'], flock),
  define(356, 'memfd_create', ['path', 'hex'], memfdCreate),
];
