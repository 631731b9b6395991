import { errno, restart } from '../abi/errno.js';
import type { Kernel } from '../kernel.js';
import { done, type Outcome, sleepInterruptibly } from '../outcome.js';
import type { Condition } from '../state.js';
import { dropReference, openFile } from './descriptors.js';
import { isFull, queuedBytes, receiveEnded, SOCKET_CAPACITY, sendEnded } from './readiness.js';
import { brokenPipe, logBytes, type Store, type Transfer } from './transfer.js';
import { type FileObject, type Message, O_NONBLOCK } from './types.js';

/** Unix socket pairs (net/unix/af_unix.c): streams, datagrams and sequenced packets, with descriptors as ancillary data. */
export type Socket = Extract<FileObject, { kind: 'socket' }>;

export const MSG_PEEK = 2;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;

/** A socket without an address or a timeout. */
export function newSocket(id: number, type: Socket['type'], peer: number | null): Socket {
  return {
    ...{ kind: 'socket', id, type, peer, name: null, backlog: null, arriving: [], inbox: [], error: 0 },
    ...{ receiveTimeout: null, sendTimeout: null, shutRead: false, shutWrite: false },
  };
}

/** What came besides the bytes. A reference to each open file is the taker's to keep or to drop. */
export interface Arrived {
  readonly files: readonly number[];
  /** A datagram was longer than the buffer. */
  readonly truncated: boolean;
}

export interface ReceiveOptions {
  readonly flags: number;
  readonly arrived?: (what: Arrived) => void;
}

export function receive(
  t: Transfer,
  socket: Socket,
  length: number,
  store: Store,
  options: ReceiveOptions,
): Outcome {
  const packets = socket.type !== 'stream';
  if (socket.peer === null && !packets) return done(-errno.EINVAL);
  if (socket.peer === null && socket.type === 'seqpacket') return done(-errno.ENOTCONN);
  if (socket.inbox.length === 0 || (packets && socket.error !== 0))
    return receiveNothing(t, socket, options.flags);
  const peek = (options.flags & MSG_PEEK) !== 0;
  const { bytes, whole, files, rest } = packets
    ? takePacket(socket.inbox, length)
    : takeStream(socket.inbox, length, peek);
  if (!store(bytes)) return done(-errno.EFAULT);
  if (peek) for (const id of files) keep(t.kernel, id);
  else {
    socket.inbox = rest;
    logBytes(t, 'consumed', bytes.length);
  }
  if (options.arrived !== undefined) options.arrived({ files, truncated: bytes.length < whole });
  else for (const id of files) dropReference(t.kernel, id);
  return done(packets && (options.flags & MSG_TRUNC) !== 0 ? whole : bytes.length);
}

function keep(kernel: Kernel, id: number): void {
  const file = openFile(kernel, id);
  if (file !== undefined) file.references++;
}

interface Taken {
  readonly bytes: Uint8Array;
  /** Length of what was sent. */
  readonly whole: number;
  readonly files: readonly number[];
  readonly rest: readonly Message[];
}

/** The rest of a packet that does not fit is lost. */
function takePacket([message, ...rest]: readonly Message[], length: number): Taken {
  const bytes = message?.bytes ?? new Uint8Array(0);
  return { bytes: bytes.subarray(0, length), whole: bytes.length, files: message?.files ?? [], rest };
}

/** A stream's messages run together, but nothing beyond one that carries descriptors is taken at once. */
function takeStream(inbox: readonly Message[], length: number, peek: boolean): Taken {
  const parts: Uint8Array[] = [];
  let left = length;
  let files: readonly number[] = [];
  let rest = inbox;
  for (;;) {
    const [message, ...others] = rest;
    if (message === undefined || (left === 0 && parts.length > 0)) break;
    const part = message.bytes.subarray(0, left);
    parts.push(part);
    left -= part.length;
    files = message.files;
    const remains = message.bytes.subarray(part.length);
    rest = remains.length > 0 ? [{ bytes: remains, files: [] }, ...others] : others;
    if (remains.length > 0 || files.length > 0) break;
  }
  const bytes = Buffer.concat(parts);
  return { bytes, whole: bytes.length, files, rest: peek ? inbox : rest };
}

function receiveNothing(t: Transfer, socket: Socket, flags: number): Outcome {
  if (socket.error !== 0) {
    const { error } = socket;
    socket.error = 0;
    return done(-error);
  }
  const ended = receiveEnded(t.kernel, socket);
  // A datagram socket that was shut down still says EAGAIN when it must not wait.
  const waitless = (t.file.flags & O_NONBLOCK) !== 0 || (flags & MSG_DONTWAIT) !== 0;
  if (ended && !(socket.type === 'datagram' && waitless)) return done(0);
  if (waitless) return done(-errno.EAGAIN);
  return socketSleep(t, { kind: 'readable', file: t.file.id }, socket.receiveTimeout);
}

/**
 * Sleeping with the socket's timeout: a signal is -EINTR with one and a restart without (sock_intr_errno), unless a part
 * was done already; the timeout itself is -EAGAIN.
 */
export function socketSleep(t: Transfer, until: Condition, timeout: number | null, total = 0): Outcome {
  const { now } = t.kernel.state;
  const known = t.call.progress?.deadline;
  const deadline = known === undefined ? (timeout === null ? null : now + timeout) : known;
  if (deadline !== null && now >= deadline) return done(total > 0 ? total : -errno.EAGAIN);
  const code = timeout === null ? -restart.ERESTARTSYS : -errno.EINTR;
  const interrupted = total > 0 ? total : code;
  return sleepInterruptibly(t.task, { until, deadline, progress: { done: total, deadline }, interrupted });
}

export function send(t: Transfer, socket: Socket, message: Message, flags: number): Outcome {
  if (socket.peer === null) return done(-errno.ENOTCONN);
  return socket.type === 'stream'
    ? sendStream(t, socket, message, flags)
    : sendPacket(t, socket, message, flags);
}

function peerOf(t: Transfer, socket: Socket): Socket | undefined {
  const peer = t.kernel.state.objects.find(({ id }) => id === socket.peer);
  return peer?.kind === 'socket' ? peer : undefined;
}

/** What there is room for goes at once; a signal while waiting for more leaves a short count. */
function sendStream(t: Transfer, socket: Socket, message: Message, flags: number): Outcome {
  const before = t.call.progress?.done ?? 0;
  const peer = peerOf(t, socket);
  if (peer === undefined || sendEnded(t.kernel, socket)) {
    const broken = (flags & MSG_NOSIGNAL) !== 0 ? done(-errno.EPIPE) : brokenPipe(t);
    return before > 0 ? done(before) : broken;
  }
  const rest = message.bytes.subarray(before);
  const part = rest.subarray(0, Math.max(0, SOCKET_CAPACITY - queuedBytes(peer)));
  if (part.length > 0) {
    const files = before === 0 ? message.files : [];
    for (const id of files) keep(t.kernel, id);
    peer.inbox = [...peer.inbox, { bytes: part, files }];
    logBytes(t, 'produced', part.length);
  }
  const total = before + part.length;
  if (total === message.bytes.length) return done(total);
  if ((t.file.flags & O_NONBLOCK) !== 0 || (flags & MSG_DONTWAIT) !== 0)
    return done(total > 0 ? total : -errno.EAGAIN);
  return socketSleep(t, { kind: 'writable', file: t.file.id }, socket.sendTimeout, total);
}

/** Bytes of a packet's own bookkeeping that the send buffer has to hold too. */
const PACKET_OVERHEAD = 32;

function sendPacket(t: Transfer, socket: Socket, message: Message, flags: number): Outcome {
  const peer = peerOf(t, socket);
  if (message.bytes.length > SOCKET_CAPACITY - PACKET_OVERHEAD) return done(-errno.EMSGSIZE);
  if (peer === undefined || sendEnded(t.kernel, socket)) {
    const refused = socket.type === 'datagram' && !socket.shutWrite && peer?.shutRead !== true;
    return done(refused ? -errno.ECONNREFUSED : -errno.EPIPE);
  }
  if (isFull(peer)) {
    if ((t.file.flags & O_NONBLOCK) !== 0 || (flags & MSG_DONTWAIT) !== 0) return done(-errno.EAGAIN);
    return socketSleep(t, { kind: 'writable', file: t.file.id }, socket.sendTimeout);
  }
  for (const id of message.files) keep(t.kernel, id);
  peer.inbox = [...peer.inbox, message];
  logBytes(t, 'produced', message.bytes.length);
  return done(message.bytes.length);
}
