import type { Kernel } from '../kernel.js';
import { beforeExit, exitGoesRound } from '../proposals/hooks.js';
import { faultAtReturn } from '../signal/bad-return.js';
import { deliverSignals } from '../signal/deliver.js';
import { userSelectors } from '../signal/frame.js';
import { stopsHere } from '../signal/stop.js';
import type { EntryForm, Task } from '../state.js';

/**
 * The way back to user mode: signals first, then the return instruction. SYSRET and SYSEXIT leave their operands in ecx
 * (and edx); they are used only when nothing was changed on the way (arch/x86/entry/common.c: do_fast_syscall_32).
 */
const EFLAGS_TF = 0x100;
const EFLAGS_RF = 0x10000;
const EFLAGS_VM = 0x20000;

export function leaveKernel(kernel: Kernel, task: Task, form: EntryForm | null): void {
  beforeExit(kernel, task);
  deliverSignals(kernel, task);
  if (task.phase.kind === 'dead' || stopsHere(kernel, task, form) || faultAtReturn(kernel, task)) return;
  if (exitGoesRound(kernel, task)) {
    task.phase = { kind: 'exit', form };
    return;
  }
  task.phase = { kind: 'user' };
  if (form !== null && form !== 'int80' && returnsFast(kernel)) clobberFast(kernel);
}

function returnsFast(kernel: Kernel): boolean {
  const { machine, config } = kernel;
  const { code, data } = userSelectors(kernel);
  const { landingPad, base } = config.vdso;
  return (
    landingPad !== null &&
    config.ptrace !== 'stepped' &&
    machine.get('eip') === base + landingPad &&
    machine.getSegment('cs') === code &&
    machine.getSegment('ss') === data &&
    (machine.getControlFlags() & (EFLAGS_RF | EFLAGS_TF | EFLAGS_VM)) === 0
  );
}

function clobberFast(kernel: Kernel): void {
  const { machine, config } = kernel;
  if (config.flavour === 'amd64') {
    machine.set('ecx', machine.get('eip'));
  } else {
    machine.set('ecx', machine.get('esp'));
    machine.set('edx', machine.get('eip'));
  }
}
