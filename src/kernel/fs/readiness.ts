import type { Kernel } from '../kernel.js';
import { isOpen, objectById } from './descriptors.js';
import { hasRoom } from './pipe.js';
import { type EpollInterest, type FileObject, O_WRONLY, type OpenFile } from './types.js';

/** poll(2)'s view of a file (fs/pipe.c: pipe_poll, net/unix/af_unix.c, fs/eventfd.c). */
export const POLLIN = 0x1;
export const POLLPRI = 0x2;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;
export const POLLRDNORM = 0x40;
export const POLLWRNORM = 0x100;
export const POLLRDHUP = 0x2000;

const READABLE = POLLIN | POLLRDNORM;
const WRITABLE = POLLOUT | POLLWRNORM;

/** The events that are true now. */
export function pollEvents(kernel: Kernel, file: OpenFile): number {
  const object = objectById(kernel, file.object);
  switch (object.kind) {
    case 'pipe':
      return file.access === O_WRONLY ? pipeWriteEvents(kernel, object) : pipeReadEvents(kernel, object);
    case 'socket':
      return socketEvents(kernel, object);
    case 'eventfd':
      return (object.count > 0n ? POLLIN : 0) | (object.count < EVENTFD_MAX ? POLLOUT : 0);
    case 'epoll':
      return object.interests.some((interest) => interestEvents(kernel, interest) !== 0) ? READABLE : 0;
    default:
      return READABLE | WRITABLE;
  }
}

export const EVENTFD_MAX = 0xfffffffffffffffen;

/** Without these an interest of epoll is switched off: by EPOLLONESHOT, until it is modified. */
export const EVENT_BITS = 0xffff;

/** What an epoll instance has to tell of an interest. */
export function interestEvents(kernel: Kernel, { file, events, fresh }: EpollInterest): number {
  const target = kernel.state.openFiles.find((candidate) => candidate.id === file);
  const wanted = events & EVENT_BITS;
  if (target === undefined || wanted === 0 || fresh === false) return 0;
  return pollEvents(kernel, target) & (wanted | POLLERR | POLLHUP);
}

type Pipe = Extract<FileObject, { kind: 'pipe' }>;
type Socket = Extract<FileObject, { kind: 'socket' }>;

function pipeReadEvents(kernel: Kernel, pipe: Pipe): number {
  return (pipe.buffers.length > 0 ? READABLE : 0) | (isOpen(kernel, pipe.id, O_WRONLY) ? 0 : POLLHUP);
}

function pipeWriteEvents(kernel: Kernel, pipe: Pipe): number {
  return (hasRoom(pipe) ? WRITABLE : 0) | (isOpen(kernel, pipe.id, 0) ? 0 : POLLERR);
}

/** Bytes that may wait in a socket's inbox before its peer must sleep; Linux's default send buffer. */
export const SOCKET_CAPACITY = 212_992;

/** net.unix.max_dgram_qlen: one more than this may wait. */
const PACKETS = 10;

/** Whether a packet to this socket has to wait. */
export function isFull(socket: Socket): boolean {
  return socket.inbox.length > PACKETS || queuedBytes(socket) >= SOCKET_CAPACITY;
}

export function queuedBytes(socket: Socket): number {
  return socket.inbox.reduce((sum, message) => sum + message.bytes.length, 0);
}

function peerOf(kernel: Kernel, socket: Socket): Socket | undefined {
  const peer = socket.peer === null ? undefined : objectById(kernel, socket.peer);
  return peer?.kind === 'socket' && (isOpen(kernel, peer.id) || isArriving(kernel, peer.id))
    ? peer
    : undefined;
}

/** It has no descriptor yet: its connection waits to be accepted. */
function isArriving(kernel: Kernel, id: number): boolean {
  return kernel.state.objects.some((object) => object.kind === 'socket' && object.arriving.includes(id));
}

/** Nothing more can come (RCV_SHUTDOWN). A datagram socket does not notice that its peer is gone. */
export function receiveEnded(kernel: Kernel, socket: Socket): boolean {
  if (socket.shutRead || socket.type === 'datagram') return socket.shutRead;
  const peer = peerOf(kernel, socket);
  return peer === undefined || peer.shutWrite;
}

/** Nothing more can be sent. */
export function sendEnded(kernel: Kernel, socket: Socket): boolean {
  const peer = peerOf(kernel, socket);
  return socket.shutWrite || peer === undefined || peer.shutRead;
}

function socketEvents(kernel: Kernel, socket: Socket): number {
  if (socket.backlog !== null) return socket.arriving.length > 0 ? READABLE : 0;
  if (socket.peer === null && socket.type !== 'datagram') return WRITABLE | POLLHUP;
  const peer = peerOf(kernel, socket);
  const ended = receiveEnded(kernel, socket);
  const hungUp = socket.type !== 'datagram' && ended && sendEnded(kernel, socket);
  // A quarter of the buffer may be in use (unix_writable).
  const writable =
    peer === undefined ||
    (queuedBytes(peer) * 4 <= SOCKET_CAPACITY && (socket.type === 'stream' || !isFull(peer)));
  return (
    (socket.inbox.length > 0 || ended ? READABLE : 0) |
    (writable ? WRITABLE : 0) |
    (hungUp ? POLLHUP : 0) |
    (ended ? POLLRDHUP : 0) |
    (socket.error !== 0 ? POLLERR : 0)
  );
}
