import { errno } from '../abi/errno.js';
import type { Event } from '../history.js';
import type { Kernel } from '../kernel.js';
import { log } from '../kernel.js';
import { splitNumber } from '../proposals/hooks.js';
import type { Call, EntryForm, Task } from '../state.js';
import { readUserU32 } from '../user.js';

/**
 * From the trap instruction to the call's number and arguments (arch/x86/entry/common.c: do_int80_syscall_32,
 * do_fast_syscall_32; entry_64_compat.S). Afterwards the registers are what the kernel's pt_regs hold.
 */
export function enterKernel(kernel: Kernel, task: Task, form: EntryForm): void {
  const { machine } = kernel;
  const at = machine.get('eip');
  const sixth = form === 'int80' ? machine.get('ebp') : enterFast(kernel, task, form);
  if (sixth === null) {
    task.origEax = machine.get('eax') | 0;
    machine.set('eax', -errno.EFAULT >>> 0);
    // Back by IRET: do_fast_syscall_32 says so, and ecx is what it was.
    task.phase = { kind: 'exit', form: null };
    return;
  }
  const number = machine.get('eax') | 0;
  const { nr, cancellable } = splitNumber(kernel, number);
  const args = [
    machine.get('ebx'),
    machine.get('ecx'),
    machine.get('edx'),
    machine.get('esi'),
    machine.get('edi'),
    sixth,
  ] as const;
  const call: Call = { nr, args, form, progress: null };
  const event: Event = { kind: 'call', tid: task.tid, nr, args, form, at };
  task.origEax = number;
  task.phase = { kind: 'entry', call: cancellable ? { ...call, cancellable } : call };
  log(kernel, cancellable ? { ...event, cancellable } : event);
}

/**
 * sysenter: the user's stack pointer is in ebp. syscall: the second argument is in ebp, since the instruction used ecx. In
 * both the sixth argument is the word at the stack pointer; null when it cannot be read: no call is made.
 */
function enterFast(kernel: Kernel, task: Task, form: 'sysenter' | 'syscall'): number | null {
  const { machine, config } = kernel;
  if (form === 'sysenter') machine.set('esp', machine.get('ebp'));
  else machine.set('ecx', machine.get('ebp'));
  const sixth = readUserU32(kernel, task, machine.get('esp'));
  if (form === 'syscall' && config.syscallKeepsEbp) return sixth;
  if (config.vdso.landingPad !== null) machine.set('eip', config.vdso.base + config.vdso.landingPad);
  // get_user stores 0 where it fails.
  machine.set('ebp', sixth ?? 0);
  return sixth;
}
