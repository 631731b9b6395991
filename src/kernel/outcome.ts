import type { Kernel } from './kernel.js';
import { fatalPending } from './proposals/hooks.js';
import type { Call, Condition, Progress, Task } from './state.js';

/** What running a call's handler once came to. */
export type Outcome =
  /** EAX = value: a result, a negative error number, or a negative restart code. */
  | { readonly kind: 'done'; readonly value: number }
  /** Sleep, then run the handler again with `progress`. */
  | {
      readonly kind: 'sleep';
      readonly until: Condition;
      readonly progress: Progress;
      readonly deadline: number | null;
      readonly interruptible: boolean;
    }
  /** The registers were replaced (sigreturn) or the task is gone (exit): EAX is not to be touched. */
  | { readonly kind: 'replaced' };

export type Handler = (kernel: Kernel, task: Task, call: Call) => Outcome;

export function done(value: number): Outcome {
  return { kind: 'done', value };
}

export const REPLACED: Outcome = { kind: 'replaced' };

export interface Sleep {
  readonly until: Condition;
  /** Absolute, in nanoseconds; null for ever. */
  readonly deadline?: number | null;
  readonly progress?: Progress;
  /** What a signal makes of the call: a negative restart code or error, or a partial result. */
  readonly interrupted: number;
}

/**
 * The one place where a call that would sleep looks at signal_pending(): true ends it with `interrupted`, also on its
 * first try. A call that can complete never comes here, so completion wins over a signal.
 */
export function sleepInterruptibly(task: Task, sleep: Sleep): Outcome {
  if (task.signalPending) return done(sleep.interrupted);
  return {
    kind: 'sleep',
    until: sleep.until,
    progress: sleep.progress ?? {},
    deadline: sleep.deadline ?? null,
    interruptible: true,
  };
}

/** A sleep that only a fatal signal ends (TASK_KILLABLE): waiting for a disk, or for a vforked child. */
export function sleepKillably(kernel: Kernel, task: Task, sleep: Sleep): Outcome {
  if (fatalPending(kernel, task)) return done(sleep.interrupted);
  return {
    kind: 'sleep',
    until: sleep.until,
    progress: sleep.progress ?? {},
    deadline: sleep.deadline ?? null,
    interruptible: false,
  };
}
