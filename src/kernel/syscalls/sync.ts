import { errno } from '../abi/errno.js';
import { findFile, findObject } from '../fs/descriptors.js';
import { done, type Handler, sleepKillably } from '../outcome.js';
import { define, type Syscall } from './define.js';

/** fsync and fdatasync (fs/sync.c): waiting for the disk, a sleep that ordinary signals do not end. */
const DISK_TIME_NS = 10_000_000;

const sync: Handler = (kernel, task, { args, progress }) => {
  const file = findFile(kernel, task, args[0]);
  if (file === undefined) return done(-errno.EBADF);
  if (findObject(kernel, file).kind !== 'regular') return done(-errno.EINVAL);
  const deadline = progress?.deadline ?? kernel.state.now + DISK_TIME_NS;
  if (kernel.state.now >= deadline) return done(0);
  return sleepKillably(kernel, task, {
    until: { kind: 'never' },
    deadline,
    progress: { deadline },
    interrupted: -errno.EINTR,
  });
};

export const syncSyscalls: readonly Syscall[] = [
  define(118, 'fsync', ['fd'], sync),
  define(148, 'fdatasync', ['fd'], sync),
];
