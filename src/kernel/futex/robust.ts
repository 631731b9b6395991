import type { Kernel } from '../kernel.js';
import type { Task } from '../state.js';
import { readUserU32, readWords, writeUserU32 } from '../user.js';
import { wakeFutex } from './wake.js';

/** Robust futexes of a thread that ends (kernel/futex/core.c: exit_robust_list; Documentation/locking/robust-futex-ABI). */
const FUTEX_WAITERS = 0x80000000;
const FUTEX_OWNER_DIED = 0x40000000;
const FUTEX_TID_MASK = 0x3fffffff;
const LIST_LIMIT = 2048;

/** The list head is {next, signed offset of the lock word, pending}; bit 0 of a pointer marks a PI futex. */
export function releaseRobustList(kernel: Kernel, task: Task): void {
  if (task.robustList === 0) return;
  const head = readWords(kernel, task, task.robustList, 3);
  if (head === null) return;
  const [first = 0, offset = 0, pending = 0] = head;
  let entry = first;
  for (let i = 0; i < LIST_LIMIT && (entry & ~1) >>> 0 !== task.robustList && entry !== 0; i++) {
    const next = readUserU32(kernel, task, (entry & ~1) >>> 0);
    if (entry !== pending) handleDeath(kernel, task, ((entry & ~1) + offset) >>> 0, false);
    if (next === null) return;
    entry = next;
  }
  if (pending !== 0) handleDeath(kernel, task, ((pending & ~1) + offset) >>> 0, true);
  task.robustList = 0;
}

function handleDeath(kernel: Kernel, task: Task, address: number, pendingOp: boolean): void {
  const word = readUserU32(kernel, task, address);
  if (word === null) return;
  if (pendingOp && word === 0) {
    // It died between unlocking and waking (handle_futex_death).
    wakeFutex(kernel, task, address, 1, 0xffffffff);
    return;
  }
  if ((word & FUTEX_TID_MASK) !== task.tid) return;
  writeUserU32(kernel, task, address, ((word & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0);
  if ((word & FUTEX_WAITERS) !== 0) wakeFutex(kernel, task, address, 1, 0xffffffff);
}
