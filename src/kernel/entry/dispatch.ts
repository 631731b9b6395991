import { errno } from '../abi/errno.js';
import { type Kernel, log } from '../kernel.js';
import type { Outcome } from '../outcome.js';
import { afterCall, beforeCall } from '../proposals/hooks.js';
import type { Call, Task } from '../state.js';
import { handleMark } from '../syscalls/marks.js';
import { findSyscall, syscallName } from '../syscalls/table.js';

/** No kernel's i386 table reaches this far (arch/x86/entry/syscalls/syscall_32.tbl): beyond it there is nothing to model. */
const NUMBERS_END = 512;

/** Runs the call of a task in phase 'entry' or 'woken' once: to its result, or to sleep. */
export function runCall(kernel: Kernel, task: Task): void {
  const phase = task.phase;
  if (phase.kind !== 'entry' && phase.kind !== 'woken') throw new Error(`task ${task.tid} is not in a call`);
  const { call } = phase;
  const outcome = invoke(kernel, task, call);
  switch (outcome.kind) {
    case 'done':
      kernel.machine.set('eax', outcome.value >>> 0);
      log(kernel, { kind: 'return', tid: task.tid, nr: call.nr, value: outcome.value });
      task.phase = { kind: 'exit', form: call.form };
      afterCall(kernel, task, outcome.value);
      return;
    case 'replaced':
      if (task.phase.kind !== 'dead') task.phase = { kind: 'exit', form: call.form };
      return;
    case 'sleep':
      if (phase.kind === 'entry') logSleep(kernel, task, call.nr, outcome.interruptible);
      task.phase = {
        kind: 'asleep',
        call: { ...call, progress: outcome.progress },
        wait: { until: outcome.until, deadline: outcome.deadline, interruptible: outcome.interruptible },
      };
  }
}

function logSleep(kernel: Kernel, task: Task, nr: number, interruptible: boolean): void {
  const event = { kind: 'sleep', tid: task.tid, nr } as const;
  log(kernel, interruptible ? event : { ...event, uninterruptible: true });
}

function invoke(kernel: Kernel, task: Task, call: Call): Outcome {
  const marks = kernel.config.marks;
  if (marks !== null && call.nr >= marks.first && call.nr <= marks.last)
    return handleMark(kernel, task, call);
  const decided = beforeCall(kernel, task, call);
  if (decided !== null) return decided;
  const syscall = findSyscall(call.nr);
  if (syscall !== undefined) return syscall.run(kernel, task, call);
  if (call.nr >= 0 && call.nr < NUMBERS_END)
    log(kernel, { kind: 'unmodelled', tid: task.tid, what: `syscall ${call.nr} (${syscallName(call.nr)})` });
  return { kind: 'done', value: -errno.ENOSYS };
}
