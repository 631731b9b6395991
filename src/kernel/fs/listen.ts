import { errno, restart } from '../abi/errno.js';
import type { Kernel } from '../kernel.js';
import { done, type Outcome } from '../outcome.js';
import { addObject, addOpenFile, isOpen, objectById } from './descriptors.js';
import { newSocket, type Socket, socketSleep } from './socket.js';
import type { Transfer } from './transfer.js';
import { O_NONBLOCK, type OpenFile } from './types.js';

/** Connections between Unix sockets by name (net/unix/af_unix.c: unix_bind, unix_listen, unix_stream_connect, unix_accept). */

/** net.core.somaxconn */
const BACKLOG_MAX = 4096;

function owner(kernel: Kernel, name: string): Socket | undefined {
  return kernel.state.objects.find(
    (object): object is Socket =>
      object.kind === 'socket' && object.name === name && isOpen(kernel, object.id),
  );
}

export function bind(kernel: Kernel, socket: Socket, name: string): number {
  if (socket.name !== null) return -errno.EINVAL;
  if (owner(kernel, name) !== undefined) return -errno.EADDRINUSE;
  socket.name = name;
  return 0;
}

export function listen(socket: Socket, backlog: number): number {
  if (socket.type === 'datagram') return -errno.EOPNOTSUPP;
  if (socket.name === null || socket.peer !== null) return -errno.EINVAL;
  socket.backlog = Math.min(backlog >>> 0, BACKLOG_MAX);
  return 0;
}

function isFull(listener: Socket): boolean {
  return listener.arriving.length > (listener.backlog ?? 0);
}

/** Whether somebody who waits to connect there need not wait any longer. */
export function canConnect(kernel: Kernel, id: number): boolean {
  const listener = objectById(kernel, id);
  return listener.kind !== 'socket' || listener.backlog === null || !isOpen(kernel, id) || !isFull(listener);
}

/** Here a signal wins over room that has come meanwhile: unix_stream_connect looks for it before it tries again. */
export function connect(t: Transfer, socket: Socket, name: string): Outcome {
  const { kernel, task } = t;
  if (socket.backlog !== null) return done(-errno.EINVAL);
  if (socket.peer !== null) return done(-errno.EISCONN);
  const listener = owner(kernel, name);
  if (listener !== undefined && listener.type !== socket.type) return done(-errno.EPROTOTYPE);
  if (listener === undefined || listener.backlog === null || listener.shutRead)
    return done(-errno.ECONNREFUSED);
  if (task.phase.kind === 'woken' && task.signalPending)
    return done(socket.sendTimeout === null ? -restart.ERESTARTSYS : -errno.EINTR);
  if (isFull(listener)) {
    if ((t.file.flags & O_NONBLOCK) !== 0) return done(-errno.EAGAIN);
    return socketSleep(t, { kind: 'connectable', socket: listener.id }, socket.sendTimeout);
  }
  const end = addObject(kernel, (id) => ({ ...newSocket(id, socket.type, socket.id), name: listener.name }));
  socket.peer = end.id;
  listener.arriving = [...listener.arriving, end.id];
  return done(0);
}

export type Accepted =
  | { readonly kind: 'file'; readonly file: OpenFile; readonly from: string | null }
  | { readonly kind: 'outcome'; readonly outcome: Outcome };

/** The open file of the oldest connection, without a descriptor, and the name of who made it. */
export function accept(t: Transfer, socket: Socket, flags: number): Accepted {
  const outcome = (result: Outcome): Accepted => ({ kind: 'outcome', outcome: result });
  if (socket.type === 'datagram') return outcome(done(-errno.EOPNOTSUPP));
  if (socket.backlog === null || socket.shutRead) return outcome(done(-errno.EINVAL));
  const [id, ...others] = socket.arriving;
  if (id === undefined) {
    if ((t.file.flags & O_NONBLOCK) !== 0) return outcome(done(-errno.EAGAIN));
    return outcome(socketSleep(t, { kind: 'readable', file: t.file.id }, socket.receiveTimeout));
  }
  socket.arriving = others;
  const file = addOpenFile(t.kernel, { object: id, access: 2, flags, path: `socket:[${id}]` });
  const end = objectById(t.kernel, id);
  const peer = end.kind === 'socket' && end.peer !== null ? objectById(t.kernel, end.peer) : undefined;
  return { kind: 'file', file, from: peer?.kind === 'socket' ? peer.name : null };
}
