import { errno } from '../abi/errno.js';
import { MINSIGSTKSZ, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK } from '../abi/signals.js';
import type { AltStack, Task } from '../state.js';
import { onAltStack } from './frame.js';

/** sigaltstack(2) (kernel/signal.c: do_sigaltstack). */
export const NO_ALT_STACK: AltStack = { sp: 0, size: 0, flags: SS_DISABLE };

/** What sigaltstack reports as ss_flags: SS_DISABLE without one, SS_ONSTACK while on it. */
export function altStackFlags(task: Task, esp: number): number {
  const mode = task.altStack.size === 0 ? SS_DISABLE : onAltStack(task.altStack, esp) ? SS_ONSTACK : 0;
  return (mode | (task.altStack.flags & SS_AUTODISARM)) >>> 0;
}

/** 0 or a negative error number. */
export function setAltStack(task: Task, esp: number, wanted: AltStack): number {
  if (onAltStack(task.altStack, esp)) return -errno.EPERM;
  const mode = (wanted.flags & ~SS_AUTODISARM) >>> 0;
  if (mode !== 0 && mode !== SS_ONSTACK && mode !== SS_DISABLE) return -errno.EINVAL;
  if (mode === SS_DISABLE) {
    task.altStack = { sp: 0, size: 0, flags: wanted.flags };
    return 0;
  }
  if (wanted.size < MINSIGSTKSZ) return -errno.ENOMEM;
  task.altStack = wanted;
  return 0;
}
