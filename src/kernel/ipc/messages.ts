import { errno, restart } from '../abi/errno.js';
import { type Kernel, log } from '../kernel.js';
import { done, type Outcome, sleepInterruptibly } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { changeIpc, findQueue } from './objects.js';
import type { MessageQueue, QueuedMessage } from './types.js';

/** Sending to and receiving from a message queue (ipc/msg.c: do_msgsnd, do_msgrcv). */

/** kernel.msgmax and kernel.msgmnb, in bytes. */
const MESSAGE_MAX = 8192;
const QUEUE_MAX = 16_384;

export const IPC_NOWAIT = 0o4000;
const MSG_NOERROR = 0o10000;
const MSG_EXCEPT = 0o20000;

function queueOf(kernel: Kernel, task: Task, id: number): MessageQueue | Outcome {
  const found = findQueue(kernel, id);
  if (found !== undefined) return found;
  return done(task.phase.kind === 'woken' ? -errno.EIDRM : -errno.EINVAL);
}

function sleepOn(task: Task, { id, version }: MessageQueue): Outcome {
  return sleepInterruptibly(task, {
    until: { kind: 'ipc', id, version },
    interrupted: -restart.ERESTARTNOHAND,
  });
}

function fits({ messages }: MessageQueue, length: number): boolean {
  const bytes = messages.reduce((sum, message) => sum + message.bytes.length, 0);
  return bytes + length <= QUEUE_MAX && messages.length < QUEUE_MAX;
}

/** A signal wins over room that has come meanwhile: do_msgsnd looks for it before it tries again. */
export function sendMessage(
  kernel: Kernel,
  task: Task,
  call: Call,
  id: number,
  message: QueuedMessage,
  flags: number,
): Outcome {
  if (message.bytes.length > MESSAGE_MAX || message.type < 1) return done(-errno.EINVAL);
  const queue = queueOf(kernel, task, id);
  if (queue.kind !== 'messages') return queue;
  if (task.phase.kind === 'woken' && task.signalPending) return done(-restart.ERESTARTNOHAND);
  if (!fits(queue, message.bytes.length))
    return (flags & IPC_NOWAIT) !== 0 ? done(-errno.EAGAIN) : sleepOn(task, queue);
  changeIpc(kernel, { ...queue, messages: [...queue.messages, message] });
  logTransfer(kernel, task, call, 'produced', queue, message);
  return done(0);
}

export interface Received {
  readonly kind: 'received';
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** 0: the first; positive: the first of that type, or not of it; negative: the lowest type up to it. */
function choose({ messages }: MessageQueue, type: number, flags: number): QueuedMessage | undefined {
  if (type === 0) return messages[0];
  if (type > 0) return messages.find((one) => (one.type === type) !== ((flags & MSG_EXCEPT) !== 0));
  const low = messages.filter((one) => one.type <= -type);
  const least = Math.min(...low.map((one) => one.type));
  return low.find((one) => one.type === least);
}

export function receiveMessage(
  kernel: Kernel,
  task: Task,
  call: Call,
  id: number,
  wanted: { readonly type: number; readonly size: number; readonly flags: number },
): Received | Outcome {
  if (wanted.size < 0) return done(-errno.EINVAL);
  const queue = queueOf(kernel, task, id);
  if (queue.kind !== 'messages') return queue;
  const message = choose(queue, wanted.type, wanted.flags);
  if (message === undefined)
    return (wanted.flags & IPC_NOWAIT) !== 0 ? done(-errno.ENOMSG) : sleepOn(task, queue);
  if (message.bytes.length > wanted.size && (wanted.flags & MSG_NOERROR) === 0) return done(-errno.E2BIG);
  changeIpc(kernel, { ...queue, messages: queue.messages.filter((one) => one !== message) });
  logTransfer(kernel, task, call, 'consumed', queue, message);
  return { kind: 'received', type: message.type, bytes: message.bytes.subarray(0, wanted.size) };
}

function logTransfer(
  kernel: Kernel,
  task: Task,
  call: Call,
  kind: 'consumed' | 'produced',
  { id }: MessageQueue,
  { bytes }: QueuedMessage,
): void {
  const effect = { kind, object: `queue:${id}`, bytes: bytes.length } as const;
  log(kernel, { kind: 'effect', tid: task.tid, nr: call.nr, effect });
}
