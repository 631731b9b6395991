import { errno } from '../abi/errno.js';
import { addObject, addOpenFile, installFd, logDescriptor } from '../fs/descriptors.js';
import { accept as acceptConnection, bind, connect, listen } from '../fs/listen.js';
import { newSocket } from '../fs/socket.js';
import { O_CLOEXEC, O_NONBLOCK } from '../fs/types.js';
import { type Kernel, log } from '../kernel.js';
import { done, type Outcome } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { NANOSECONDS } from '../time/clock.js';
import { readUser, readUserU32, readWords, writeUser, writeUserU32 } from '../user.js';
import { define, type Syscall } from './define.js';
import { AF_UNIX, SOL_SOCKET, unixType, withSocket } from './sockets.js';

/** Sockets that are connected by name, and their timeouts (net/socket.c, net/core/sock.c). Names are abstract ones only. */

function notModelled(kernel: Kernel, task: Task, what: string, error: number): Outcome {
  log(kernel, { kind: 'unmodelled', tid: task.tid, what });
  return done(-error);
}

export function socket(kernel: Kernel, task: Task, call: Call): Outcome {
  const [family, type, protocol] = call.args;
  if (family !== AF_UNIX)
    return notModelled(kernel, task, `a socket of family ${family}`, errno.EAFNOSUPPORT);
  const kind = unixType(type, protocol);
  if (typeof kind === 'number') return done(-kind);
  const object = addObject(kernel, (id) => newSocket(id, kind, null));
  const path = `socket:[${object.id}]`;
  const file = addOpenFile(kernel, { object: object.id, access: 2, flags: type & O_NONBLOCK, path });
  const fd = installFd(kernel, task, file, (type & O_CLOEXEC) !== 0);
  if (fd >= 0) logDescriptor(kernel, task, call.nr, fd);
  return done(fd);
}

const ADDRESS_MAX = 110;

/** The name in a struct sockaddr_un (its first byte is 0), or what the call comes to without one. */
function readName(kernel: Kernel, task: Task, address: number, length: number): string | Outcome {
  if (length <= 2 || length > ADDRESS_MAX)
    return length === 2
      ? notModelled(kernel, task, 'a name of the kernel’s choice', errno.EINVAL)
      : done(-errno.EINVAL);
  const bytes = readUser(kernel, task, address, length);
  if (bytes === null) return done(-errno.EFAULT);
  if ((bytes[0] ?? 0) + 256 * (bytes[1] ?? 0) !== AF_UNIX) return done(-errno.EINVAL);
  if (bytes[2] !== 0) return notModelled(kernel, task, 'a socket with a path', errno.EINVAL);
  return Buffer.from(bytes.subarray(2)).toString('latin1');
}

export function bindSocket(kernel: Kernel, task: Task, call: Call): Outcome {
  return withSocket(kernel, task, call, (_t, object) => {
    const name = readName(kernel, task, call.args[1], call.args[2]);
    return typeof name === 'string' ? done(bind(kernel, object, name)) : name;
  });
}

export function listenOn(kernel: Kernel, task: Task, call: Call): Outcome {
  return withSocket(kernel, task, call, (_t, object) => done(listen(object, call.args[1])));
}

export function connectSocket(kernel: Kernel, task: Task, call: Call): Outcome {
  return withSocket(kernel, task, call, (t, object) => {
    const name = readName(kernel, task, call.args[1], call.args[2]);
    if (typeof name !== 'string') return name;
    return object.type === 'datagram'
      ? notModelled(kernel, task, 'connect of a datagram socket', errno.EINVAL)
      : connect(t, object, name);
  });
}

/** accept4, and accept of socketcall, which has no flags. */
export function accept(kernel: Kernel, task: Task, call: Call): Outcome {
  return withSocket(kernel, task, call, (t, object) => {
    const flags = call.args[3];
    if ((flags & ~(O_NONBLOCK | O_CLOEXEC)) !== 0) return done(-errno.EINVAL);
    const taken = acceptConnection(t, object, flags & O_NONBLOCK);
    if (taken.kind === 'outcome') return taken.outcome;
    const fd = installFd(kernel, task, taken.file, (flags & O_CLOEXEC) !== 0);
    if (fd < 0) return done(fd);
    logDescriptor(kernel, task, call.nr, fd);
    return done(writeName(kernel, task, call, taken.from) ? fd : -errno.EFAULT);
  });
}

/** The address as far as there is room, and its true length. */
function writeName(kernel: Kernel, task: Task, call: Call, name: string | null): boolean {
  const [, address, lengthAt] = call.args;
  if (address === 0) return true;
  const bytes = Buffer.concat([Uint8Array.of(AF_UNIX, 0), Buffer.from(name ?? '', 'latin1')]);
  const room = readUserU32(kernel, task, lengthAt);
  return (
    room !== null &&
    writeUser(kernel, task, address, bytes.subarray(0, room)) &&
    writeUserU32(kernel, task, lengthAt, bytes.length)
  );
}

/** SO_RCVTIMEO and SO_SNDTIMEO with 32-bit times, and with 64-bit ones (asm-generic/socket.h). */
const timeouts: ReadonlyMap<number, { wide: boolean; receive: boolean }> = new Map([
  [20, { wide: false, receive: true }],
  [21, { wide: false, receive: false }],
  [66, { wide: true, receive: true }],
  [67, { wide: true, receive: false }],
]);

/** Seconds and microseconds; none is for ever, a negative time is none at all (sock_set_timeout). */
export function setsockopt(kernel: Kernel, task: Task, call: Call): Outcome {
  return withSocket(kernel, task, call, (_t, object) => {
    const [, level, option, address, length] = call.args;
    const timeout = level === SOL_SOCKET ? timeouts.get(option) : undefined;
    if (timeout === undefined)
      return notModelled(kernel, task, `setsockopt ${level} ${option}`, errno.EINVAL);
    if (length < (timeout.wide ? 16 : 8)) return done(-errno.EINVAL);
    const words = readWords(kernel, task, address, timeout.wide ? 4 : 2);
    if (words === null) return done(-errno.EFAULT);
    const [low = 0, second = 0, third = 0, fourth = 0] = words;
    const seconds = timeout.wide ? (second | 0) * 0x100000000 + low : low | 0;
    const microseconds = timeout.wide ? (fourth | 0) * 0x100000000 + third : second | 0;
    if (microseconds < 0 || microseconds >= 1_000_000) return done(-errno.EDOM);
    const time = seconds < 0 ? 0 : seconds * NANOSECONDS + microseconds * 1000;
    const value = time === 0 && seconds >= 0 ? null : time;
    if (timeout.receive) object.receiveTimeout = value;
    else object.sendTimeout = value;
    return done(0);
  });
}

export const connectionSyscalls: readonly Syscall[] = [
  define(359, 'socket', ['int', 'hex', 'int'], socket),
  define(361, 'bind', ['fd', 'pointer', 'uint'], bindSocket),
  define(362, 'connect', ['fd', 'pointer', 'uint'], connectSocket),
  define(363, 'listen', ['fd', 'int'], listenOn),
  define(364, 'accept4', ['fd', 'pointer', 'pointer', 'hex'], accept),
  define(366, 'setsockopt', ['fd', 'int', 'int', 'pointer', 'uint'], setsockopt),
];
