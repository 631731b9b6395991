import { errno } from '../abi/errno.js';
import { addObject, addOpenFile, findFile, findObject, installFd, logDescriptor } from '../fs/descriptors.js';
import { EPOLLET } from '../fs/edges.js';
import { installMask, restoreMask } from '../fs/polling.js';
import { EVENT_BITS, interestEvents } from '../fs/readiness.js';
import { type EpollInterest, type FileObject, O_CLOEXEC, O_NONBLOCK } from '../fs/types.js';
import type { Kernel } from '../kernel.js';
import { done, type Handler, type Outcome, sleepInterruptibly } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { readUser, writeUser } from '../user.js';
import { define, type Syscall } from './define.js';
import { readSet } from './signals.js';

/** eventfd and epoll (fs/eventfd.c, fs/eventpoll.c). */

function newFile(
  kernel: Kernel,
  task: Task,
  nr: number,
  object: FileObject,
  flags: number,
  path: string,
): Outcome {
  const file = addOpenFile(kernel, { object: object.id, access: 2, flags: flags & O_NONBLOCK, path });
  const fd = installFd(kernel, task, file, (flags & O_CLOEXEC) !== 0);
  if (fd >= 0) logDescriptor(kernel, task, nr, fd);
  return done(fd);
}

const EFD_SEMAPHORE = 1;

function eventfd(hasFlags: boolean): Handler {
  return (kernel, task, { args, nr }) => {
    const flags = hasFlags ? args[1] : 0;
    if ((flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK)) !== 0) return done(-errno.EINVAL);
    const object = addObject(kernel, (id) => ({
      kind: 'eventfd',
      id,
      count: BigInt(args[0]),
      semaphore: (flags & EFD_SEMAPHORE) !== 0,
    }));
    return newFile(kernel, task, nr, object, flags, 'anon_inode:[eventfd]');
  };
}

function epollCreate(kernel: Kernel, task: Task, nr: number, flags: number): Outcome {
  const object = addObject(kernel, (id) => ({ kind: 'epoll', id, interests: [] }));
  return newFile(kernel, task, nr, object, flags, 'anon_inode:[eventpoll]');
}

const EPOLLONESHOT = 0x40000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
const EVENT_SIZE = 12;

const epollCtl: Handler = (kernel, task, { args }) => {
  const [epfd, op, fd, address] = args;
  const file = findFile(kernel, task, epfd);
  const target = findFile(kernel, task, fd);
  if (file === undefined || target === undefined) return done(-errno.EBADF);
  const epoll = findObject(kernel, file);
  if (epoll.kind !== 'epoll' || epfd === fd) return done(-errno.EINVAL);
  const known = epoll.interests.some((interest) => interest.fd === fd && interest.file === target.id);
  const others = epoll.interests.filter((interest) => interest.fd !== fd || interest.file !== target.id);
  if (op === EPOLL_CTL_DEL) {
    epoll.interests = others;
    return done(known ? 0 : -errno.ENOENT);
  }
  if (op !== EPOLL_CTL_ADD && op !== EPOLL_CTL_MOD) return done(-errno.EINVAL);
  if (known !== (op === EPOLL_CTL_MOD)) return done(known ? -errno.EEXIST : -errno.ENOENT);
  const bytes = readUser(kernel, task, address, EVENT_SIZE);
  if (bytes === null) return done(-errno.EFAULT);
  const events = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const interest = { fd, file: target.id, events, data: bytes.slice(4) };
  epoll.interests = [...others, (events & EPOLLET) !== 0 ? { ...interest, fresh: true } : interest];
  return done(0);
};

/** Once means until it is modified; an edge, until the next one. */
function told(interest: EpollInterest): EpollInterest {
  if ((interest.events & EPOLLONESHOT) !== 0)
    return { ...interest, events: (interest.events & ~EVENT_BITS) >>> 0 };
  return interest.fresh === undefined ? interest : { ...interest, fresh: false };
}

function epollWait(kernel: Kernel, task: Task, call: Call): Outcome {
  const [epfd, address, limit, timeout] = call.args;
  const file = findFile(kernel, task, epfd);
  if (file === undefined) return done(-errno.EBADF);
  const epoll = findObject(kernel, file);
  if (epoll.kind !== 'epoll' || (limit | 0) <= 0) return done(-errno.EINVAL);
  const ready = epoll.interests
    .map((interest) => ({ interest, events: interestEvents(kernel, interest) }))
    .filter(({ events }) => events !== 0)
    .slice(0, limit);
  for (const [i, { interest, events }] of ready.entries()) {
    const bytes = new Uint8Array(EVENT_SIZE);
    new DataView(bytes.buffer).setUint32(0, events, true);
    bytes.set(interest.data, 4);
    if (!writeUser(kernel, task, address + EVENT_SIZE * i, bytes)) return done(-errno.EFAULT);
  }
  const reported = new Set(ready.map(({ interest }) => interest));
  epoll.interests = epoll.interests.map((interest) => (reported.has(interest) ? told(interest) : interest));
  const fresh = (timeout | 0) < 0 ? null : kernel.state.now + (timeout | 0) * 1_000_000;
  const deadline = call.progress?.deadline !== undefined ? call.progress.deadline : fresh;
  if (ready.length > 0 || (deadline !== null && kernel.state.now >= deadline)) return done(ready.length);
  return sleepInterruptibly(task, {
    until: { kind: 'readable', file: file.id },
    deadline,
    progress: { deadline },
    interrupted: -errno.EINTR,
  });
}

const epollPwait: Handler = (kernel, task, call) => {
  const [, , , , mask] = call.args;
  if (mask !== 0 && call.progress === null) {
    const set = readSet(kernel, task, mask);
    if (set === null) return done(-errno.EFAULT);
    installMask(kernel, task, set);
  }
  const outcome = epollWait(kernel, task, call);
  restoreMask(kernel, task, outcome, -errno.EINTR);
  return outcome;
};

export const eventSyscalls: readonly Syscall[] = [
  define(323, 'eventfd', ['uint'], eventfd(false)),
  define(328, 'eventfd2', ['uint', 'fd-flags'], eventfd(true)),
  define(254, 'epoll_create', ['int'], (kernel, task, { nr }) => epollCreate(kernel, task, nr, 0)),
  define(329, 'epoll_create1', ['fd-flags'], (kernel, task, { nr, args }) =>
    epollCreate(kernel, task, nr, args[0]),
  ),
  define(255, 'epoll_ctl', ['fd', 'int', 'fd', 'pointer'], epollCtl),
  define(256, 'epoll_wait', ['fd', 'pointer', 'int', 'int'], epollWait),
  define(319, 'epoll_pwait', ['fd', 'pointer', 'int', 'int', 'pointer', 'uint'], epollPwait),
];
