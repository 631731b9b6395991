import { errno } from '../abi/errno.js';
import { findFile, findObject } from '../fs/descriptors.js';
import { childrenOf, lookUp, type TreeEntry } from '../fs/tree.js';
import type { FileObject } from '../fs/types.js';
import { type Kernel, processOf } from '../kernel.js';
import { done, type Handler, type Outcome } from '../outcome.js';
import { writeUser } from '../user.js';
import { define, type Syscall } from './define.js';
import { withFile } from './files.js';
import { type PathResult, readPath, withEntry } from './paths.js';

/** Permissions, renaming and listing of what is in the tree (fs/open.c, fs/namei.c, fs/readdir.c). */

function setMode(object: FileObject, mode: number): number {
  if (object.kind === 'regular') object.mode = mode & 0o7777;
  return 0;
}

const fchmod: Handler = (kernel, task, call) =>
  withFile(kernel, task, call, ({ file }) => done(setMode(findObject(kernel, file), call.args[1])));

/** A file takes the place of another; a directory, with all that is in it, that of an empty one. */
function rename(kernel: Kernel, from: PathResult, to: PathResult): Outcome {
  return withEntry(kernel, from, (entry) => {
    if (!to.ok) return -to.error;
    if (entry.kind === 'device') return -errno.EPERM;
    if (from.ok && from.path === to.path) return 0;
    if (from.ok && to.path.startsWith(`${from.path}/`)) return -errno.EINVAL;
    const there = lookUp(kernel, to.path);
    if (!there.ok && there.error !== errno.ENOENT) return -there.error;
    const above = lookUp(kernel, to.path.slice(0, to.path.lastIndexOf('/')) || '/');
    if (!above.ok || above.entry.kind !== 'directory') return -errno.ENOENT;
    const error = there.ok ? displace(kernel, entry, there.entry) : 0;
    if (error === 0) move(kernel, entry, to.path);
    return error;
  });
}

function displace(kernel: Kernel, entry: TreeEntry, old: TreeEntry): number {
  if (old.kind === 'device') return -errno.EPERM;
  if (old.kind === 'directory' && entry.kind !== 'directory') return -errno.EISDIR;
  if (old.kind !== 'directory' && entry.kind === 'directory') return -errno.ENOTDIR;
  if (old.kind === 'directory' && childrenOf(kernel, old.path).length > 0) return -errno.ENOTEMPTY;
  old.links = 0;
  return 0;
}

function move(kernel: Kernel, entry: TreeEntry, path: string): void {
  if (entry.kind === 'device') return;
  const old = entry.path;
  kernel.state.objects = kernel.state.objects.map((object) => {
    if (object.kind !== 'regular' && object.kind !== 'directory') return object;
    if (object.links === 0 || (object.path !== old && !object.path.startsWith(`${old}/`))) return object;
    return { ...object, path: path + object.path.slice(old.length) };
  });
}

const DIRECTORY_TYPE = { directory: 4, regular: 8, device: 2 } as const;

const PROC_INODE = 0xf0000000;

/** struct linux_dirent64: inode, position of the next entry, length of the record, type, name; records are 8-aligned. */
function record(name: string, { id, kind }: Pick<TreeEntry, 'id' | 'kind'>, next: number): Uint8Array {
  const NAME = 19;
  const bytes = Buffer.alloc(Math.ceil((NAME + name.length + 1) / 8) * 8);
  // What /proc makes has no object; inode 0 would be a removed file.
  bytes.writeBigUInt64LE(BigInt(id || PROC_INODE), 0);
  bytes.writeBigInt64LE(BigInt(next), 8);
  bytes.writeUInt16LE(bytes.length, 16);
  bytes.writeUInt8(DIRECTORY_TYPE[kind], 18);
  bytes.write(name, NAME, 'latin1');
  return bytes;
}

const getdents64: Handler = (kernel, task, { args }) => {
  const file = findFile(kernel, task, args[0]);
  if (file === undefined) return done(-errno.EBADF);
  const directory = findObject(kernel, file);
  if (directory.kind !== 'directory') return done(-errno.ENOTDIR);
  const self = { id: directory.id, kind: directory.kind };
  const all = [
    { name: '.', entry: self },
    { name: '..', entry: self },
    ...childrenOf(kernel, directory.path),
  ];
  const records: Uint8Array[] = [];
  let room = args[2];
  for (let at = file.offset; at < all.length; at++) {
    const one = all[at];
    const bytes = one === undefined ? new Uint8Array(0) : record(one.name, one.entry, at + 1);
    if (bytes.length > room) break;
    room -= bytes.length;
    records.push(bytes);
  }
  if (records.length === 0 && file.offset < all.length) return done(-errno.EINVAL);
  if (!writeUser(kernel, task, args[1], Buffer.concat(records))) return done(-errno.EFAULT);
  file.offset += records.length;
  return done(args[2] - room);
};

const fchdir: Handler = (kernel, task, call) =>
  withFile(kernel, task, call, ({ file }) => {
    const object = findObject(kernel, file);
    if (object.kind !== 'directory') return done(-errno.ENOTDIR);
    processOf(kernel, task).cwd = object.path;
    return done(0);
  });

export const treeSyscalls: readonly Syscall[] = [
  define(15, 'chmod', ['path', 'mode'], (kernel, task, { args }) =>
    withEntry(kernel, readPath(kernel, task, args[0]), (entry) => setMode(entry, args[1])),
  ),
  define(306, 'fchmodat', ['dirfd', 'path', 'mode'], (kernel, task, { args }) =>
    withEntry(kernel, readPath(kernel, task, args[1], args[0] | 0), (entry) => setMode(entry, args[2])),
  ),
  define(94, 'fchmod', ['fd', 'mode'], fchmod),
  define(38, 'rename', ['path', 'path'], (kernel, task, { args }) =>
    rename(kernel, readPath(kernel, task, args[0]), readPath(kernel, task, args[1])),
  ),
  define(302, 'renameat', ['dirfd', 'path', 'dirfd', 'path'], (kernel, task, { args }) =>
    rename(
      kernel,
      readPath(kernel, task, args[1], args[0] | 0),
      readPath(kernel, task, args[3], args[2] | 0),
    ),
  ),
  define(220, 'getdents64', ['fd', 'pointer', 'uint'], getdents64),
  define(133, 'fchdir', ['fd'], fchdir),
  // The tree has no links, like a file system that cannot keep them.
  define(9, 'link', ['path', 'path'], () => done(-errno.EPERM)),
  define(303, 'linkat', ['dirfd', 'path', 'dirfd', 'path', 'hex'], () => done(-errno.EPERM)),
  define(83, 'symlink', ['path', 'path'], () => done(-errno.EPERM)),
  define(304, 'symlinkat', ['path', 'dirfd', 'path'], () => done(-errno.EPERM)),
];
