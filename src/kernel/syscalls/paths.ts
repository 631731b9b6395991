import { errno } from '../abi/errno.js';
import { addObject, addOpenFile, findFile, findObject, installFd, logDescriptor } from '../fs/descriptors.js';
import { pseudoRandom } from '../fs/io.js';
import { type Status, stat64Bytes, statusOf, statxBytes } from '../fs/stat.js';
import {
  childrenOf,
  createDirectory,
  createFile,
  isTreeKind,
  type LookUp,
  lookUp,
  normalise,
  type TreeEntry,
} from '../fs/tree.js';
import { O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL, O_TRUNC } from '../fs/types.js';
import { type Kernel, log, processOf } from '../kernel.js';
import { done, type Handler, type Outcome } from '../outcome.js';
import type { Task } from '../state.js';
import { readString, writeUser, writeWords } from '../user.js';
import { define, type Syscall } from './define.js';

/** Calls that take a path (fs/namei.c, fs/open.c, fs/stat.c), and the small ones that ask about the system. */

const AT_EMPTY_PATH = 0x1000;
const AT_FDCWD = -100;

export type PathResult =
  /** `slash`: it ended in one, so it must be a directory. */
  | { readonly ok: true; readonly path: string; readonly slash: boolean }
  | { readonly ok: false; readonly error: number };

export function readPath(kernel: Kernel, task: Task, address: number, dirfd: number = AT_FDCWD): PathResult {
  const text = readString(kernel, task, address);
  if (text === null) return { ok: false, error: errno.EFAULT };
  if (text === 'too-long') return { ok: false, error: errno.ENAMETOOLONG };
  if (text === '') return { ok: false, error: errno.ENOENT };
  const slash = text.endsWith('/');
  if (dirfd === AT_FDCWD || text.startsWith('/')) {
    return { ok: true, path: ofSelf(task, normalise(processOf(kernel, task).cwd, text)), slash };
  }
  const file = findFile(kernel, task, dirfd);
  if (file === undefined) return { ok: false, error: errno.EBADF };
  return { ok: true, path: normalise(file.path, text), slash };
}

/** /proc/self is a name for the caller's directory; what are links in it, readlink and open know by that name. */
function ofSelf(task: Task, path: string): string {
  return path.replace(/^\/proc\/self(?!\/exe$|\/fd\/)(?=\/|$)/, `/proc/${task.pid}`);
}

const ACCESS_MASK = 3;

/** /proc/self/fd/N leads to the file itself, also to one without a name; null for any other path. */
function descriptorTarget(kernel: Kernel, task: Task, path: string): LookUp | null {
  const fd = /^\/proc\/self\/fd\/(\d+)$/.exec(path)?.[1];
  if (fd === undefined) return null;
  const file = findFile(kernel, task, Number(fd));
  if (file === undefined) return { ok: false, error: errno.ENOENT };
  const entry = findObject(kernel, file);
  if (isTreeKind(entry)) return { ok: true, entry };
  log(kernel, {
    kind: 'unmodelled',
    tid: task.tid,
    what: `opening the ${entry.kind} of descriptor ${fd} again`,
  });
  return { ok: false, error: errno.ENXIO };
}

/** What /proc made for this look, as an object that stays while it is open. */
function keep(kernel: Kernel, made: TreeEntry): TreeEntry {
  return addObject(kernel, (id) => ({ ...made, id, links: 0 }));
}

function open(
  kernel: Kernel,
  task: Task,
  nr: number,
  target: PathResult,
  flags: number,
  mode: number,
): Outcome {
  if (!target.ok) return done(-target.error);
  let found: LookUp = descriptorTarget(kernel, task, target.path) ?? lookUp(kernel, target.path);
  if (found.ok && found.entry.kind !== 'directory' && target.slash) return done(-errno.ENOTDIR);
  if (found.ok && (flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) return done(-errno.EEXIST);
  if (!found.ok && found.error === errno.ENOENT && (flags & O_CREAT) !== 0) {
    found = createFile(kernel, target.path, mode & ~processOf(kernel, task).umask & 0o7777);
  }
  if (!found.ok) return done(-found.error);
  const entry = found.entry.id === 0 ? keep(kernel, found.entry) : found.entry;
  const access = flags & ACCESS_MASK;
  if (entry.kind === 'directory' && access !== 0) return done(-errno.EISDIR);
  if (entry.kind !== 'directory' && (flags & O_DIRECTORY) !== 0) return done(-errno.ENOTDIR);
  if (entry.kind === 'regular' && (flags & O_TRUNC) !== 0) entry.data = new Uint8Array(0);
  const status = flags & ~(ACCESS_MASK | O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC | 0o100000);
  const file = addOpenFile(kernel, { object: entry.id, access, flags: status, path: target.path });
  const fd = installFd(kernel, task, file, (flags & O_CLOEXEC) !== 0);
  if (fd >= 0) logDescriptor(kernel, task, nr, fd);
  return done(fd);
}

export function withEntry(
  kernel: Kernel,
  target: PathResult,
  run: (entry: Extract<LookUp, { ok: true }>['entry']) => number,
): Outcome {
  if (!target.ok) return done(-target.error);
  const found = lookUp(kernel, target.path);
  if (!found.ok) return done(-found.error);
  if (target.slash && found.entry.kind !== 'directory') return done(-errno.ENOTDIR);
  return done(run(found.entry));
}

function unlink(kernel: Kernel, target: PathResult): Outcome {
  return withEntry(kernel, target, (entry) => {
    if (entry.kind === 'directory') return -errno.EISDIR;
    if (entry.kind === 'device') return -errno.EPERM;
    entry.links = 0;
    return 0;
  });
}

function rmdir(kernel: Kernel, target: PathResult): Outcome {
  return withEntry(kernel, target, (entry) => {
    if (entry.kind !== 'directory') return -errno.ENOTDIR;
    if (childrenOf(kernel, entry.path).length > 0) return -errno.ENOTEMPTY;
    entry.links = 0;
    return 0;
  });
}

function makeDirectory(kernel: Kernel, target: PathResult): Outcome {
  if (!target.ok) return done(-target.error);
  if (lookUp(kernel, target.path).ok) return done(-errno.EEXIST);
  const made = createDirectory(kernel, target.path);
  return done(made.ok ? 0 : -made.error);
}

type Encode = (status: Status) => Uint8Array;

function statPath(kernel: Kernel, task: Task, target: PathResult, buffer: number, encode: Encode): Outcome {
  return withEntry(kernel, target, (entry) =>
    writeUser(kernel, task, buffer, encode(statusOf(entry))) ? 0 : -errno.EFAULT,
  );
}

function statFd(kernel: Kernel, task: Task, fd: number, buffer: number, encode: Encode): Outcome {
  const file = findFile(kernel, task, fd);
  if (file === undefined) return done(-errno.EBADF);
  return done(
    writeUser(kernel, task, buffer, encode(statusOf(findObject(kernel, file)))) ? 0 : -errno.EFAULT,
  );
}

const stat64: Handler = (kernel, task, { args }) =>
  statPath(kernel, task, readPath(kernel, task, args[0]), args[1], stat64Bytes);

const fstatat64: Handler = (kernel, task, { args }) => {
  const [dirfd, path, buffer, flags] = args;
  if ((flags & AT_EMPTY_PATH) !== 0 && readString(kernel, task, path) === '') {
    return statFd(kernel, task, dirfd, buffer, stat64Bytes);
  }
  return statPath(kernel, task, readPath(kernel, task, path, dirfd | 0), buffer, stat64Bytes);
};

const statx: Handler = (kernel, task, { args }) => {
  const [dirfd, path, flags, , buffer] = args;
  if ((flags & AT_EMPTY_PATH) !== 0 && readString(kernel, task, path) === '') {
    return statFd(kernel, task, dirfd, buffer, statxBytes);
  }
  return statPath(kernel, task, readPath(kernel, task, path, dirfd | 0), buffer, statxBytes);
};

/** There are no symbolic links but the one to the program itself. */
function readlink(kernel: Kernel, task: Task, target: PathResult, buffer: number, size: number): Outcome {
  if ((size | 0) <= 0) return done(-errno.EINVAL);
  if (target.ok && target.path === '/proc/self/exe') {
    const { path } = processOf(kernel, task).program;
    const bytes = Buffer.from(path, 'latin1').subarray(0, size);
    return done(writeUser(kernel, task, buffer, bytes) ? bytes.length : -errno.EFAULT);
  }
  return withEntry(kernel, target, () => -errno.EINVAL);
}

const getcwd: Handler = (kernel, task, { args }) => {
  const bytes = Buffer.from(`${processOf(kernel, task).cwd}\0`, 'latin1');
  if (bytes.length > args[1]) return done(-errno.ERANGE);
  return done(writeUser(kernel, task, args[0], bytes) ? bytes.length : -errno.EFAULT);
};

const chdir: Handler = (kernel, task, { args }) => {
  const target = readPath(kernel, task, args[0]);
  return withEntry(kernel, target, (entry) => {
    if (entry.kind !== 'directory') return -errno.ENOTDIR;
    processOf(kernel, task).cwd = entry.path;
    return 0;
  });
};

const GRND_KNOWN = 7;

const getrandom: Handler = (kernel, task, { args }) => {
  if ((args[2] & ~GRND_KNOWN) !== 0) return done(-errno.EINVAL);
  const length = Math.min(args[1], 1 << 20);
  return done(writeUser(kernel, task, args[0], pseudoRandom(length)) ? length : -errno.EFAULT);
};

const RLIMIT_STACK = 3;
const RLIMIT_NOFILE = 7;
const STACK = 8 << 20;
const FILES = 1024;

function limitOf(resource: number): number | null {
  return resource === RLIMIT_STACK ? STACK : resource === RLIMIT_NOFILE ? FILES : null;
}

const ugetrlimit: Handler = (kernel, task, { args }) => {
  const limit = limitOf(args[0]) ?? 0xffffffff;
  return done(writeWords(kernel, task, args[1], [limit, 0xffffffff]) ? 0 : -errno.EFAULT);
};

const prlimit64: Handler = (kernel, task, { args }) => {
  const [, resource, newLimit, oldLimit] = args;
  if (newLimit !== 0)
    log(kernel, { kind: 'unmodelled', tid: task.tid, what: `setting resource limit ${resource}` });
  if (oldLimit === 0) return done(0);
  const limit = limitOf(resource);
  const words = [limit ?? 0xffffffff, limit === null ? 0xffffffff : 0, 0xffffffff, 0xffffffff];
  return done(writeWords(kernel, task, oldLimit, words) ? 0 : -errno.EFAULT);
};

const access: Handler = (kernel, task, { args }) =>
  withEntry(kernel, readPath(kernel, task, args[0]), () => 0);

export const pathSyscalls: readonly Syscall[] = [
  define(5, 'open', ['path', 'open-flags', 'mode'], (kernel, task, { args, nr }) =>
    open(kernel, task, nr, readPath(kernel, task, args[0]), args[1], args[2]),
  ),
  define(295, 'openat', ['dirfd', 'path', 'open-flags', 'mode'], (kernel, task, { args, nr }) =>
    open(kernel, task, nr, readPath(kernel, task, args[1], args[0] | 0), args[2], args[3]),
  ),
  define(8, 'creat', ['path', 'mode'], (kernel, task, { args, nr }) =>
    open(kernel, task, nr, readPath(kernel, task, args[0]), O_CREAT | O_TRUNC | 1, args[1]),
  ),
  define(10, 'unlink', ['path'], (kernel, task, { args }) => unlink(kernel, readPath(kernel, task, args[0]))),
  define(301, 'unlinkat', ['dirfd', 'path', 'hex'], (kernel, task, { args }) => {
    const AT_REMOVEDIR = 0x200;
    const target = readPath(kernel, task, args[1], args[0] | 0);
    return (args[2] & AT_REMOVEDIR) !== 0 ? rmdir(kernel, target) : unlink(kernel, target);
  }),
  define(39, 'mkdir', ['path', 'mode'], (kernel, task, { args }) =>
    makeDirectory(kernel, readPath(kernel, task, args[0])),
  ),
  define(40, 'rmdir', ['path'], (kernel, task, { args }) => rmdir(kernel, readPath(kernel, task, args[0]))),
  define(33, 'access', ['path', 'int'], access),
  define(195, 'stat64', ['path', 'pointer'], stat64),
  define(196, 'lstat64', ['path', 'pointer'], stat64),
  define(197, 'fstat64', ['fd', 'pointer'], (kernel, task, { args }) =>
    statFd(kernel, task, args[0], args[1], stat64Bytes),
  ),
  define(300, 'fstatat64', ['dirfd', 'path', 'pointer', 'hex'], fstatat64),
  define(383, 'statx', ['dirfd', 'path', 'hex', 'hex', 'pointer'], statx),
  define(85, 'readlink', ['path', 'out-buffer', 'uint'], (kernel, task, { args }) =>
    readlink(kernel, task, readPath(kernel, task, args[0]), args[1], args[2]),
  ),
  define(305, 'readlinkat', ['dirfd', 'path', 'out-buffer', 'uint'], (kernel, task, { args }) =>
    readlink(kernel, task, readPath(kernel, task, args[1], args[0] | 0), args[2], args[3]),
  ),
  define(183, 'getcwd', ['out-buffer', 'uint'], getcwd),
  define(12, 'chdir', ['path'], chdir),
  define(355, 'getrandom', ['out-buffer', 'uint', 'hex'], getrandom),
  define(191, 'ugetrlimit', ['int', 'pointer'], ugetrlimit),
  define(340, 'prlimit64', ['int', 'int', 'pointer', 'pointer'], prlimit64),
];
