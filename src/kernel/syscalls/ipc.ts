import { errno } from '../abi/errno.js';
import { receiveMessage, sendMessage } from '../ipc/messages.js';
import { addIpc, changeIpc, findIpc, findSemaphores, removeIpc } from '../ipc/objects.js';
import { operate, type SemaphoreOperation, VALUE_MAX } from '../ipc/semaphores.js';
import { type Kernel, log } from '../kernel.js';
import { done, type Handler, type Outcome } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { readTimespec } from '../time/clock.js';
import { readUser, readUserU32, writeUser, writeUserU32 } from '../user.js';
import { define, type Syscall } from './define.js';

/** System V message queues and semaphores: the calls of their own, and the one that all of them were (ipc/syscall.c). */
type Run = (kernel: Kernel, task: Task, call: Call) => Outcome;

function notModelled(kernel: Kernel, task: Task, what: string): Outcome {
  log(kernel, { kind: 'unmodelled', tid: task.tid, what });
  return done(-errno.ENOSYS);
}

const IPC_PRIVATE = 0;
const SEMAPHORES_MAX = 32_000;

function msgget(kernel: Kernel, task: Task, { args }: Call): Outcome {
  if (args[0] !== IPC_PRIVATE) return notModelled(kernel, task, 'a message queue with a key');
  return done(addIpc(kernel, (id) => ({ kind: 'messages', id, version: 0, messages: [] })));
}

function semget(kernel: Kernel, task: Task, { args }: Call): Outcome {
  if (args[0] !== IPC_PRIVATE) return notModelled(kernel, task, 'semaphores with a key');
  if (args[1] === 0 || args[1] > SEMAPHORES_MAX) return done(-errno.EINVAL);
  const values = Array.from({ length: args[1] }, () => 0);
  return done(addIpc(kernel, (id) => ({ kind: 'semaphores', id, version: 0, values })));
}

/** msgsnd(id, {type, text}, size, flags) */
function msgsnd(kernel: Kernel, task: Task, call: Call): Outcome {
  const [id, address, size, flags] = call.args;
  const type = readUserU32(kernel, task, address);
  if (type === null) return done(-errno.EFAULT);
  if ((size | 0) < 0) return done(-errno.EINVAL);
  const bytes = readUser(kernel, task, address + 4, size);
  return bytes === null
    ? done(-errno.EFAULT)
    : sendMessage(kernel, task, call, id, { type: type | 0, bytes }, flags);
}

/** msgrcv(id, {type, text}, size, type, flags) */
function msgrcv(kernel: Kernel, task: Task, call: Call): Outcome {
  const [id, address, size, type, flags] = call.args;
  const wanted = { type: type | 0, size: size | 0, flags };
  const received = receiveMessage(kernel, task, call, id, wanted);
  if (received.kind !== 'received') return received;
  const written =
    writeUserU32(kernel, task, address, received.type) &&
    writeUser(kernel, task, address + 4, received.bytes);
  return done(written ? received.bytes.length : -errno.EFAULT);
}

/** Structures are the 64-bit ones of i386; only removing and values are modelled. */
const IPC_64 = 0x100;
const IPC_RMID = 0;
const GETVAL = 12;
const SETVAL = 16;

function remove(kernel: Kernel, id: number): Outcome {
  if (findIpc(kernel, id) === undefined) return done(-errno.EINVAL);
  removeIpc(kernel, id);
  return done(0);
}

function msgctl(kernel: Kernel, task: Task, { args }: Call): Outcome {
  const command = args[1] & ~IPC_64;
  return command === IPC_RMID ? remove(kernel, args[0]) : notModelled(kernel, task, `msgctl ${command}`);
}

function semctl(kernel: Kernel, task: Task, { args }: Call): Outcome {
  const [id, index, flaggedCommand, value] = args;
  const command = flaggedCommand & ~IPC_64;
  if (command === IPC_RMID) return remove(kernel, id);
  if (command !== GETVAL && command !== SETVAL) return notModelled(kernel, task, `semctl ${command}`);
  const set = findSemaphores(kernel, id);
  const old = set?.values[index];
  if (set === undefined || old === undefined) return done(-errno.EINVAL);
  if (command === GETVAL) return done(old);
  if (value > VALUE_MAX) return done(-errno.ERANGE);
  changeIpc(kernel, { ...set, values: set.values.map((one, i) => (i === index ? value : one)) });
  return done(0);
}

const OPERATIONS_MAX = 500;

/** An array of struct sembuf {u16 number, s16 change, s16 flags}, six bytes each. */
function readOperations(kernel: Kernel, task: Task, address: number, count: number) {
  const bytes = readUser(kernel, task, address, 6 * count);
  if (bytes === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, i): SemaphoreOperation => {
    const at = 6 * i;
    return {
      index: view.getUint16(at, true),
      change: view.getInt16(at + 2, true),
      flags: view.getUint16(at + 4, true),
    };
  });
}

/** semtimedop(id, operations, count, timeout) */
function semtimedop(is64: boolean): Run {
  return (kernel, task, call) => {
    const [id, address, count, timeout] = call.args;
    if (count < 1) return done(-errno.EINVAL);
    if (count > OPERATIONS_MAX) return done(-errno.E2BIG);
    const operations = readOperations(kernel, task, address, count);
    if (operations === null) return done(-errno.EFAULT);
    const time = timeout === 0 ? null : readTimespec(kernel, task, timeout, is64);
    if (time === 'fault') return done(-errno.EFAULT);
    if (time === 'invalid') return done(-errno.EINVAL);
    return operate(kernel, task, call, id, operations, time);
  };
}

type Arguments = Call['args'];

/** ipc(which, first, second, third, pointer, fifth): the arguments of the call it stands for. */
const ipcCalls: ReadonlyMap<number, { run: Run; args: (a: Arguments) => Arguments }> = new Map([
  [1, { run: semtimedop(false), args: ([, first, second, , p]) => [first, p, second, 0, 0, 0] }],
  [2, { run: semget, args: ([, first, second, third]) => [first, second, third, 0, 0, 0] }],
  [4, { run: semtimedop(false), args: ([, first, second, , p, fifth]) => [first, p, second, fifth, 0, 0] }],
  [11, { run: msgsnd, args: ([, first, second, third, p]) => [first, p, second, third, 0, 0] }],
  [13, { run: msgget, args: ([, first, second]) => [first, second, 0, 0, 0, 0] }],
  [14, { run: msgctl, args: ([, first, second, , p]) => [first, second, p, 0, 0, 0] }],
]);

const ipc: Handler = (kernel, task, call) => {
  const target = ipcCalls.get(call.args[0]);
  if (target === undefined) return notModelled(kernel, task, `ipc ${call.args[0]}`);
  return target.run(kernel, task, { ...call, args: target.args(call.args) });
};

export const ipcSyscalls: readonly Syscall[] = [
  define(117, 'ipc', ['int', 'int', 'int', 'int', 'pointer', 'int'], ipc),
  define(393, 'semget', ['int', 'int', 'hex'], semget),
  define(394, 'semctl', ['int', 'int', 'int', 'hex'], semctl),
  define(420, 'semtimedop_time64', ['int', 'pointer', 'uint', 'timespec64'], semtimedop(true)),
  define(399, 'msgget', ['int', 'hex'], msgget),
  define(400, 'msgsnd', ['int', 'pointer', 'uint', 'hex'], msgsnd),
  define(401, 'msgrcv', ['int', 'pointer', 'uint', 'int', 'hex'], msgrcv),
  define(402, 'msgctl', ['int', 'int', 'pointer'], msgctl),
];
