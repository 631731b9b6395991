import { errno } from '../abi/errno.js';
import { type Kernel, log } from '../kernel.js';
import { done, type Outcome } from '../outcome.js';
import type { Call, Task } from '../state.js';

/**
 * Marks: calls with numbers that Linux does not have. A program under test says with them what it saw; natively they
 * return -ENOSYS and do nothing, and so they do here.
 */
const EFLAGS_DF = 0x400;

export function handleMark(kernel: Kernel, task: Task, call: Call): Outcome {
  const { machine } = kernel;
  const saved = {
    ebx: machine.get('ebx'),
    esi: machine.get('esi'),
    edi: machine.get('edi'),
    ebp: machine.get('ebp'),
    esp: machine.get('esp'),
    df: (machine.getControlFlags() & EFLAGS_DF) !== 0,
  };
  log(kernel, { kind: 'mark', tid: task.tid, mark: call.nr, args: call.args, saved });
  if (call.nr === kernel.config.marks?.park) task.parked = call.args[0];
  return done(-errno.ENOSYS);
}
