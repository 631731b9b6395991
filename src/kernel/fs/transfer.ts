import { errno } from '../abi/errno.js';
import { signals } from '../abi/signals.js';
import { type Kernel, log } from '../kernel.js';
import { done, type Outcome } from '../outcome.js';
import { killInfo } from '../siginfo.js';
import { sendToThread } from '../signal/send.js';
import type { Call, Task } from '../state.js';
import { objectById } from './descriptors.js';
import { wakeEdges } from './edges.js';
import type { OpenFile } from './types.js';

/** Takes bytes into user memory, so that read and readv, recv and recvmsg share code; false is EFAULT. */
export type Store = (bytes: Uint8Array) => boolean;

/** One call that moves bytes through an open file. */
export interface Transfer {
  readonly kernel: Kernel;
  readonly task: Task;
  readonly call: Call;
  readonly file: OpenFile;
}

/** What a call that moved bytes leaves in the history. */
export function logBytes(t: Transfer, kind: 'consumed' | 'produced', bytes: number): void {
  const object = objectById(t.kernel, t.file.object);
  const effect = { kind, object: `${object.kind}:${object.id}`, bytes } as const;
  log(t.kernel, { kind: 'effect', tid: t.task.tid, nr: t.call.nr, effect });
  const other = object.kind === 'socket' ? object.peer : object.id;
  wakeEdges(t.kernel, other, kind === 'produced' ? 'data' : 'room');
}

/** SIGPIPE to the thread that wrote (fs/pipe.c, net/unix: send_sig). */
export function brokenPipe(t: Transfer): Outcome {
  const info = killInfo(signals.SIGPIPE, 0, t.task.pid, t.kernel.config.user.uid);
  sendToThread(t.kernel, t.task.tid, t.task.tid, info);
  return done(-errno.EPIPE);
}
