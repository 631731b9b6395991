import type { Kernel } from '../kernel.js';
import type { SegmentName } from '../machine.js';
import type { Task } from '../state.js';

/**
 * Selectors as pt_regs has them. A sigreturn may ask for ones that the CPU cannot load: Linux keeps them until the IRET
 * faults on them (arch/x86/kernel/signal_32.c), so frames built before show them.
 */

/** __USER_CS of a 64-bit kernel: code there is 64-bit code. */
export const LONG_MODE_CODE = 0x33;

/** What pt_regs holds. */
export function selectorOf(kernel: Kernel, task: Task, name: SegmentName): number {
  const kept = name === 'cs' || name === 'ss' ? task.unloadable?.[name] : undefined;
  return kept ?? kernel.machine.getSegment(name);
}

/** Loads both or keeps both for the return to fault on. */
export function setCodeAndStack(kernel: Kernel, task: Task, cs: number, ss: number): void {
  const { machine } = kernel;
  const loads = (name: 'cs' | 'ss', selector: number): boolean =>
    selector === machine.getSegment(name) || machine.setSegment(name, selector);
  const bothLoad = [loads('cs', cs), loads('ss', ss)].every(Boolean);
  if (bothLoad) delete task.unloadable;
  else task.unloadable = { cs, ss };
}

/** The selector that the IRET faults on: CS is looked at first (Intel SDM vol. 2, IRET). */
export function faultingSelector(kernel: Kernel, { cs, ss }: { cs: number; ss: number }): number {
  const { machine } = kernel;
  return machine.getSegment('cs') === cs || machine.setSegment('cs', cs) ? ss : cs;
}
