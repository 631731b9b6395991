import { errno } from '../abi/errno.js';
import { type Kernel, log } from '../kernel.js';
import { done, type Handler, type Outcome } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { readWords } from '../user.js';
import { accept, bindSocket, connectSocket, listenOn, setsockopt, socket } from './connections.js';
import { define, type Syscall } from './define.js';
import { recvfrom, recvmsg, sendmsg, sendto, shutdown, socketpair } from './sockets.js';

/** The one call that all socket calls of i386 were, before 4.3 gave each its own (net/socket.c: compat_sys_socketcall). */
type Run = (kernel: Kernel, task: Task, call: Call) => Outcome;

/** The numbers of linux/net.h, with how many arguments each takes. */
const socketcalls: ReadonlyMap<number, { count: number; run: Run }> = new Map([
  [1, { count: 3, run: socket }],
  [2, { count: 3, run: bindSocket }],
  [3, { count: 3, run: connectSocket }],
  [4, { count: 2, run: listenOn }],
  [5, { count: 3, run: accept }],
  [8, { count: 4, run: socketpair }],
  [9, { count: 4, run: sendto }],
  [10, { count: 4, run: recvfrom }],
  [11, { count: 6, run: sendto }],
  [12, { count: 6, run: recvfrom }],
  [13, { count: 2, run: shutdown }],
  [14, { count: 5, run: setsockopt }],
  [16, { count: 3, run: sendmsg }],
  [17, { count: 3, run: recvmsg }],
  [18, { count: 4, run: accept }],
]);

const socketcall: Handler = (kernel, task, call) => {
  const [which, address] = call.args;
  const target = socketcalls.get(which);
  if (target === undefined) {
    log(kernel, { kind: 'unmodelled', tid: task.tid, what: `socketcall ${which}` });
    return done(-errno.ENOSYS);
  }
  const words = readWords(kernel, task, address, target.count);
  if (words === null) return done(-errno.EFAULT);
  // send and recv are sendto and recvfrom without an address, accept is accept4 without flags.
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = words;
  return target.run(kernel, task, { ...call, args: [a, b, c, d, e, f] });
};

export const socketcallSyscalls: readonly Syscall[] = [
  define(102, 'socketcall', ['int', 'pointer'], socketcall),
];
