import { errno } from '../abi/errno.js';
import {
  addObject,
  addOpenFile,
  dropReference,
  findFile,
  findObject,
  installFd,
  logDescriptor,
  openFile,
} from '../fs/descriptors.js';
import { wakeEdges } from '../fs/edges.js';
import { type Arrived, MSG_TRUNC, newSocket, receive, type Socket, send } from '../fs/socket.js';
import type { Transfer } from '../fs/transfer.js';
import { O_CLOEXEC, O_NONBLOCK } from '../fs/types.js';
import type { Kernel } from '../kernel.js';
import { done, type Outcome } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { readUser, readWords, wordsToBytes, writeUser, writeWords } from '../user.js';
import { define, type Syscall } from './define.js';
import { gather, installPair, readIovec, scatter } from './files.js';

/** Socket pairs and messages (net/socket.c, net/core/scm.c). There is no network: only Unix sockets are modelled. */
export const AF_UNIX = 1;
const AF_INET = 2;
const SOCK_MAX = 11;
const SOCK_TYPE_MASK = 15;
/** SOCK_STREAM, SOCK_DGRAM, SOCK_RAW (which Unix sockets take for a datagram one), SOCK_SEQPACKET. */
const socketTypes: ReadonlyMap<number, Socket['type']> = new Map([
  [1, 'stream'],
  [2, 'datagram'],
  [3, 'datagram'],
  [5, 'seqpacket'],
]);

/** The kind of Unix socket asked for, or an error number. */
export function unixType(type: number, protocol: number): Socket['type'] | number {
  if (protocol !== 0 && protocol !== AF_UNIX) return errno.EPROTONOSUPPORT;
  const kind = socketTypes.get(type & SOCK_TYPE_MASK);
  return kind ?? ((type & SOCK_TYPE_MASK) >= SOCK_MAX ? errno.EINVAL : errno.ESOCKTNOSUPPORT);
}

export function socketpair(kernel: Kernel, task: Task, call: Call): Outcome {
  const [family, type, protocol, address] = call.args;
  if (family !== AF_UNIX) return done(family === AF_INET ? -errno.EOPNOTSUPP : -errno.EAFNOSUPPORT);
  const kind = unixType(type, protocol);
  if (typeof kind === 'number') return done(-kind);
  const first = kernel.state.nextId;
  const make = (id: number) => newSocket(id, kind, id === first ? first + 1 : first);
  const ends = [addObject(kernel, make), addObject(kernel, make)];
  const files = ends.map(({ id }) =>
    addOpenFile(kernel, { object: id, access: 2, flags: type & O_NONBLOCK, path: `socket:[${id}]` }),
  );
  return installPair(kernel, task, call.nr, address, files, (type & O_CLOEXEC) !== 0);
}

type SocketCall = (t: Transfer, socket: Socket) => Outcome;

export function withSocket(kernel: Kernel, task: Task, call: Call, run: SocketCall): Outcome {
  const file = findFile(kernel, task, call.args[0]);
  if (file === undefined) return done(-errno.EBADF);
  const object = findObject(kernel, file);
  if (object.kind !== 'socket') return done(-errno.ENOTSOCK);
  return run({ kernel, task, call, file }, object);
}

export function sendto(kernel: Kernel, task: Task, call: Call): Outcome {
  return withSocket(kernel, task, call, (t, socket) => {
    const bytes = readUser(kernel, task, call.args[1], call.args[2]);
    return bytes === null ? done(-errno.EFAULT) : send(t, socket, { bytes, files: [] }, call.args[3]);
  });
}

export function recvfrom(kernel: Kernel, task: Task, call: Call): Outcome {
  const [, address, length, flags] = call.args;
  return withSocket(kernel, task, call, (t, socket) =>
    receive(t, socket, length, (bytes) => writeUser(kernel, task, address, bytes), { flags }),
  );
}

/** struct msghdr of i386: name, namelen, iov, iovlen, control, controllen, flags. */
function readHeader(kernel: Kernel, task: Task, address: number) {
  const words = readWords(kernel, task, address, 7);
  if (words === null) return errno.EFAULT;
  const [, , iov = 0, count = 0, control = 0, controlLength = 0] = words;
  const segments = readIovec(kernel, task, iov, count);
  return typeof segments === 'number' ? segments : { segments, control, controlLength };
}

export const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const CMSG_HEADER = 12;

/** The open files named by an SCM_RIGHTS message, or an error number. */
function filesToSend(kernel: Kernel, task: Task, control: number, length: number): number[] | number {
  if (control === 0 || length < CMSG_HEADER) return [];
  const words = readWords(kernel, task, control, Math.floor(length / 4));
  if (words === null) return errno.EFAULT;
  const [size = 0, level = 0, type = 0, ...fds] = words;
  if (level !== SOL_SOCKET || type !== SCM_RIGHTS) return errno.EINVAL;
  const files = fds.slice(0, (size - CMSG_HEADER) / 4).map((fd) => findFile(kernel, task, fd));
  if (files.some((file) => file === undefined)) return errno.EBADF;
  return files.filter((file) => file !== undefined).map((file) => file.id);
}

export function sendmsg(kernel: Kernel, task: Task, call: Call): Outcome {
  return withSocket(kernel, task, call, (t, socket) => {
    const header = readHeader(kernel, task, call.args[1]);
    if (typeof header === 'number') return done(-header);
    const bytes = gather(kernel, task, header.segments);
    if (bytes === null) return done(-errno.EFAULT);
    const files = filesToSend(kernel, task, header.control, header.controlLength);
    if (typeof files === 'number') return done(-files);
    return send(t, socket, { bytes, files }, call.args[2]);
  });
}

const MSG_CMSG_CLOEXEC = 0x40000000;
const MSG_CTRUNC = 8;

export function recvmsg(kernel: Kernel, task: Task, call: Call): Outcome {
  const [, address, flags] = call.args;
  return withSocket(kernel, task, call, (t, socket) => {
    const header = readHeader(kernel, task, address);
    if (typeof header === 'number') return done(-header);
    const { segments, control, controlLength } = header;
    const room = Math.max(0, Math.floor((controlLength - CMSG_HEADER) / 4));
    const closeOnExec = (flags & MSG_CMSG_CLOEXEC) !== 0;
    let words: number[] = [];
    let outFlags = flags & MSG_CMSG_CLOEXEC;
    const arrived = ({ files, truncated }: Arrived) => {
      if (truncated) outFlags |= MSG_TRUNC;
      if (files.length > room) outFlags |= MSG_CTRUNC;
      const fds = takeDescriptors(t, files, room, closeOnExec);
      if (fds.length > 0) words = [CMSG_HEADER + 4 * fds.length, SOL_SOCKET, SCM_RIGHTS, ...fds];
    };
    const store = (bytes: Uint8Array) => scatter(kernel, task, segments, bytes);
    const outcome = receive(t, socket, segmentsLength(segments), store, { flags, arrived });
    if (outcome.kind !== 'done' || outcome.value < 0) return outcome;
    const written =
      writeUser(kernel, task, control, wordsToBytes(words)) &&
      writeWords(kernel, task, address + 20, [4 * words.length, outFlags]);
    return written ? outcome : done(-errno.EFAULT);
  });
}

function segmentsLength(segments: readonly { length: number }[]): number {
  return segments.reduce((sum, { length }) => sum + length, 0);
}

/** Descriptors for the files that came; those without room are closed. The reference in flight becomes the descriptor's. */
function takeDescriptors(
  t: Transfer,
  files: readonly number[],
  room: number,
  closeOnExec: boolean,
): number[] {
  const fds: number[] = [];
  for (const id of files) {
    const file = openFile(t.kernel, id);
    const fd = file !== undefined && fds.length < room ? installFd(t.kernel, t.task, file, closeOnExec) : -1;
    if (fd >= 0) {
      fds.push(fd);
      logDescriptor(t.kernel, t.task, t.call.nr, fd);
    }
    dropReference(t.kernel, id);
  }
  return fds;
}

export function shutdown(kernel: Kernel, task: Task, call: Call): Outcome {
  return withSocket(kernel, task, call, (_t, socket) => {
    const how = call.args[1];
    if (how > 2) return done(-errno.EINVAL);
    if (how !== 1) socket.shutRead = true;
    if (how !== 0) socket.shutWrite = true;
    wakeEdges(kernel, socket.peer, 'gone');
    return done(0);
  });
}

export const socketSyscalls: readonly Syscall[] = [
  define(360, 'socketpair', ['int', 'hex', 'int', 'out-fd-pair'], socketpair),
  define(369, 'sendto', ['fd', 'in-buffer', 'uint', 'hex', 'pointer', 'uint'], sendto),
  define(370, 'sendmsg', ['fd', 'pointer', 'hex'], sendmsg),
  define(371, 'recvfrom', ['fd', 'out-buffer', 'uint', 'hex', 'pointer', 'pointer'], recvfrom),
  define(372, 'recvmsg', ['fd', 'pointer', 'hex'], recvmsg),
  define(373, 'shutdown', ['fd', 'int'], shutdown),
];
