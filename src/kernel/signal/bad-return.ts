import { signals } from '../abi/signals.js';
import { type Kernel, log } from '../kernel.js';
import { faultInfo } from '../siginfo.js';
import type { Task } from '../state.js';
import { faultingSelector } from './selectors.js';
import { forceSignal } from './send.js';

/**
 * The IRET back to user mode faults on a CS or SS that cannot be loaded, with the user's registers already restored. A
 * 64-bit kernel makes of it what the user's own general protection fault would be (entry_64.S: fixup_bad_iret). A 32-bit
 * one has an exception of its own, number 32 without an error code or an address (entry_32.S: the exception table's entry
 * for its IRET is asm_iret_error, before 5.8 iret_exc; traps.c: iret_error, do_iret_error; trapnr.h: X86_TRAP_IRET).
 */
const SI_KERNEL = 0x80;
const ILL_BADSTK = 8;
const TRAP = { protection: 13, iret: 32 } as const;

/** True when it faults: the signal is pending, and its frame will show the selectors. */
export function faultAtReturn(kernel: Kernel, task: Task): boolean {
  const { unloadable } = task;
  if (unloadable === undefined) return false;
  const amd64 = kernel.config.flavour === 'amd64';
  const selector = faultingSelector(kernel, unloadable);
  const [sig, code] = amd64 ? [signals.SIGSEGV, SI_KERNEL] : [signals.SIGILL, ILL_BADSTK];
  task.origEax = -1;
  task.lastTrap = {
    ...task.lastTrap,
    number: amd64 ? TRAP.protection : TRAP.iret,
    error: amd64 ? selector & 0xfffc : 0,
  };
  const at = kernel.machine.get('eip');
  const what = `a return to selector 0x${selector.toString(16)}, which cannot be loaded`;
  log(kernel, { kind: 'fault', tid: task.tid, sig, at, address: 0, what });
  task.phase = { kind: 'user' };
  forceSignal(kernel, task, faultInfo(sig, code, 0));
  return true;
}
