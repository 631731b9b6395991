import { errno, restart } from '../abi/errno.js';
import { done, type Outcome, sleepInterruptibly } from '../outcome.js';
import { isOpen, objectById } from './descriptors.js';
import { brokenPipe, logBytes, type Store, type Transfer } from './io.js';
import { queuedBytes, SOCKET_CAPACITY } from './readiness.js';
import { type FileObject, type Message, O_NONBLOCK } from './types.js';

/** Unix socket pairs (net/unix/af_unix.c): streams and datagrams, with descriptors as ancillary data. */
type Socket = Extract<FileObject, { kind: 'socket' }>;

export const MSG_PEEK = 2;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;

export interface ReceiveOptions {
  readonly flags: number;
  /** Takes the open files that came with the bytes; they are dropped when there is no taker. */
  readonly takeFiles?: (files: readonly number[]) => void;
}

export function receive(
  t: Transfer,
  socket: Socket,
  length: number,
  store: Store,
  options: ReceiveOptions,
): Outcome {
  const [message, ...rest] = socket.inbox;
  if (message === undefined) return receiveNothing(t, socket, options.flags);
  const bytes = message.bytes.subarray(0, length);
  if (!store(bytes)) return done(-errno.EFAULT);
  if ((options.flags & MSG_PEEK) !== 0) return done(bytes.length);
  const left = socket.type === 'stream' ? message.bytes.slice(bytes.length) : new Uint8Array(0);
  socket.inbox = left.length > 0 ? [{ bytes: left, files: [] }, ...rest] : rest;
  logBytes(t, 'consumed', bytes.length);
  options.takeFiles?.(message.files);
  return done(bytes.length);
}

function receiveNothing(t: Transfer, socket: Socket, flags: number): Outcome {
  const peer = objectById(t.kernel, socket.peer);
  const ended = peer.kind !== 'socket' || !isOpen(t.kernel, peer.id) || peer.shutWrite || socket.shutRead;
  if (ended) return done(0);
  if ((t.file.flags & O_NONBLOCK) !== 0 || (flags & MSG_DONTWAIT) !== 0) return done(-errno.EAGAIN);
  return sleepInterruptibly(t.task, {
    until: { kind: 'readable', file: t.file.id },
    interrupted: -restart.ERESTARTSYS,
  });
}

export function send(t: Transfer, socket: Socket, message: Message, flags: number): Outcome {
  const peer = objectById(t.kernel, socket.peer);
  if (peer.kind !== 'socket' || !isOpen(t.kernel, peer.id) || socket.shutWrite || peer.shutRead) {
    return (flags & MSG_NOSIGNAL) !== 0 ? done(-errno.EPIPE) : brokenPipe(t);
  }
  if (message.bytes.length === 0 && socket.type === 'stream') return done(0);
  const queued = queuedBytes(peer);
  if (queued > 0 && queued + message.bytes.length > SOCKET_CAPACITY) {
    if ((t.file.flags & O_NONBLOCK) !== 0 || (flags & MSG_DONTWAIT) !== 0) return done(-errno.EAGAIN);
    return sleepInterruptibly(t.task, {
      until: { kind: 'writable', file: t.file.id },
      interrupted: -restart.ERESTARTSYS,
    });
  }
  peer.inbox = [...peer.inbox, message];
  logBytes(t, 'produced', message.bytes.length);
  return done(message.bytes.length);
}
