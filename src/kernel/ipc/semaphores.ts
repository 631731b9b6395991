import { errno } from '../abi/errno.js';
import { type Kernel, log } from '../kernel.js';
import { done, type Outcome, sleepInterruptibly } from '../outcome.js';
import type { Call, Task } from '../state.js';
import { IPC_NOWAIT } from './messages.js';
import { changeIpc, findSemaphores } from './objects.js';

/** Operations on semaphores, all or none (ipc/sem.c: perform_atomic_semop, do_semtimedop). */
export interface SemaphoreOperation {
  readonly index: number;
  /** Added; 0 waits for 0. */
  readonly change: number;
  readonly flags: number;
}

export const VALUE_MAX = 32_767;
const SEM_UNDO = 0o10000;

type Tried =
  | { readonly kind: 'done'; readonly values: readonly number[] }
  | { readonly kind: 'waits'; readonly flags: number }
  | { readonly kind: 'error'; readonly error: number };

function attempt(before: readonly number[], operations: readonly SemaphoreOperation[]): Tried {
  const values = [...before];
  for (const { index, change, flags } of operations) {
    const value = values[index];
    if (value === undefined) return { kind: 'error', error: errno.EFBIG };
    if (change === 0 ? value !== 0 : value + change < 0) return { kind: 'waits', flags };
    if (value + change > VALUE_MAX) return { kind: 'error', error: errno.ERANGE };
    values[index] = value + change;
  }
  return { kind: 'done', values };
}

/** A signal is always -EINTR. `timeout` is in nanoseconds, null for ever. */
export function operate(
  kernel: Kernel,
  task: Task,
  call: Call,
  id: number,
  operations: readonly SemaphoreOperation[],
  timeout: number | null,
): Outcome {
  const set = findSemaphores(kernel, id);
  if (set === undefined) return done(task.phase.kind === 'woken' ? -errno.EIDRM : -errno.EINVAL);
  if (operations.some(({ flags }) => (flags & SEM_UNDO) !== 0))
    log(kernel, { kind: 'unmodelled', tid: task.tid, what: 'SEM_UNDO' });
  const tried = attempt(set.values, operations);
  if (tried.kind === 'error') return done(-tried.error);
  if (tried.kind === 'done') {
    if (operations.some(({ change }) => change !== 0)) {
      changeIpc(kernel, { ...set, values: tried.values });
      const effect = { kind: 'consumed', object: `semaphores:${id}`, bytes: 1 } as const;
      if (operations.some(({ change }) => change < 0))
        log(kernel, { kind: 'effect', tid: task.tid, nr: call.nr, effect });
    }
    return done(0);
  }
  if ((tried.flags & IPC_NOWAIT) !== 0) return done(-errno.EAGAIN);
  const { now } = kernel.state;
  const known = call.progress?.deadline;
  const deadline = known === undefined ? (timeout === null ? null : now + timeout) : known;
  if (deadline !== null && now >= deadline) return done(-errno.EAGAIN);
  return sleepInterruptibly(task, {
    until: { kind: 'ipc', id, version: set.version },
    deadline,
    progress: { deadline },
    interrupted: -errno.EINTR,
  });
}
