import { errno, restart } from '../abi/errno.js';
import type { Kernel } from '../kernel.js';
import { done, type Outcome, sleepInterruptibly } from '../outcome.js';
import type { Transfer } from './transfer.js';

/**
 * Advisory locks (fs/locks.c). flock's belong to an open file and cover all of it; record locks belong to a process, or to
 * an open file (F_OFD_…), and cover a range. The two kinds do not see each other. Deadlocks between processes are not
 * looked for: where Linux says EDEADLK, all of them sleep.
 */
export interface FileLock {
  /** The file object. */
  readonly object: number;
  readonly kind: 'flock' | 'record';
  readonly owner: LockOwner;
  readonly type: 'read' | 'write';
  /** First and last byte. */
  readonly from: number;
  readonly to: number;
}

export type LockOwner =
  | { readonly kind: 'file'; readonly id: number }
  | { readonly kind: 'process'; readonly id: number };

/** The last byte of a lock without an end (OFFSET_MAX, as far as a number goes). */
export const LOCK_END = Number.MAX_SAFE_INTEGER;

function sameOwner(a: LockOwner, b: LockOwner): boolean {
  return a.kind === b.kind && a.id === b.id;
}

function sameTable(a: FileLock, b: FileLock): boolean {
  return a.object === b.object && a.kind === b.kind;
}

function overlap(a: FileLock, b: FileLock): boolean {
  return a.from <= b.to && b.from <= a.to;
}

/** Whether somebody else's lock is in the way. */
export function isLockedAway(kernel: Kernel, wanted: FileLock): boolean {
  return kernel.state.locks.some(
    (held) =>
      sameTable(held, wanted) &&
      !sameOwner(held.owner, wanted.owner) &&
      overlap(held, wanted) &&
      (held.type === 'write' || wanted.type === 'write'),
  );
}

/** Takes the range away from its owner; what is left of a larger lock stays. */
export function unlock(kernel: Kernel, range: FileLock): void {
  kernel.state.locks = kernel.state.locks.flatMap((held) => {
    if (!sameTable(held, range) || !sameOwner(held.owner, range.owner) || !overlap(held, range))
      return [held];
    const before = held.from < range.from ? [{ ...held, to: range.from - 1 }] : [];
    const after = held.to > range.to ? [{ ...held, from: range.to + 1 }] : [];
    return [...before, ...after];
  });
}

/** The owner's locks in the range become this one; nobody's may be in the way. */
function lock(kernel: Kernel, wanted: FileLock): void {
  unlock(kernel, wanted);
  kernel.state.locks = [...kernel.state.locks, wanted];
}

/** Whether the owner has just this type of lock on all of the range in one piece. */
export function holdsLock(kernel: Kernel, wanted: FileLock): boolean {
  return kernel.state.locks.some(
    (held) =>
      sameTable(held, wanted) &&
      sameOwner(held.owner, wanted.owner) &&
      held.type === wanted.type &&
      held.from <= wanted.from &&
      held.to >= wanted.to,
  );
}

/** An open file is gone, or a process has closed a descriptor of the object: any one drops all it has there. */
export function dropLocks(kernel: Kernel, owner: LockOwner, object: number): void {
  const { locks } = kernel.state;
  if (locks.length === 0) return;
  kernel.state.locks = locks.filter((held) => held.object !== object || !sameOwner(held.owner, owner));
}

/** Takes the lock, or waits for it; one that has become free wins over a signal. */
export function takeLock(t: Transfer, wanted: FileLock, waits: boolean): Outcome {
  if (!isLockedAway(t.kernel, wanted)) {
    lock(t.kernel, wanted);
    return done(0);
  }
  if (!waits) return done(-errno.EAGAIN);
  return sleepInterruptibly(t.task, {
    until: { kind: 'unlocked', lock: wanted },
    interrupted: -restart.ERESTARTSYS,
  });
}
