import type { Stop } from '../cpu/index.js';
import { signals } from '../kernel/abi/signals.js';
import { type Kernel, log, processOf } from '../kernel/kernel.js';
import { areaAt } from '../kernel/mm/areas.js';
import { growStack } from '../kernel/mm/mm.js';
import { faultInfo } from '../kernel/siginfo.js';
import { forceSignal } from '../kernel/signal/send.js';
import type { LastTrap, Task } from '../kernel/state.js';

/** CPU exceptions as signals (arch/x86/kernel/traps.c, arch/x86/mm/fault.c). */
type Exception = Exclude<Stop, { kind: 'limit' | 'sysenter' | 'syscall' }>;

interface Fault {
  readonly sig: number;
  readonly code: number;
  readonly address: number;
  readonly trap: LastTrap;
  readonly what: string;
}

const SI_KERNEL = 0x80;
const VECTOR = {
  divide: 0,
  debug: 1,
  breakpoint: 3,
  overflow: 4,
  bound: 5,
  invalidOpcode: 6,
  stack: 12,
  protection: 13,
  page: 14,
};

/** Turns the exception into a pending signal, or grows the stack and lets the instruction run again. */
export function raiseException(kernel: Kernel, task: Task, stop: Exception): void {
  if (
    stop.kind === 'fault' &&
    stop.access !== 'fetch' &&
    !stop.present &&
    growStack(kernel, task, stop.address)
  )
    return;
  const fault = describe(kernel, task, stop);
  const at = kernel.machine.get('eip');
  task.origEax = -1;
  task.lastTrap = fault.trap;
  log(kernel, { kind: 'fault', tid: task.tid, sig: fault.sig, at, address: fault.address, what: fault.what });
  forceSignal(kernel, task, faultInfo(fault.sig, fault.code, fault.address));
}

function describe(kernel: Kernel, task: Task, stop: Exception): Fault {
  switch (stop.kind) {
    case 'fault':
      return pageFault(kernel, task, stop);
    case 'invalid-opcode':
      return simple(kernel, signals.SIGILL, 2, VECTOR.invalidOpcode, 'invalid opcode');
    case 'single-step':
      return simple(kernel, signals.SIGTRAP, 2, VECTOR.debug, 'single step');
    case 'trap':
      return softwareInterrupt(kernel, stop.vector);
    case 'exception':
      return exception(kernel, task, stop.vector);
  }
}

function simple(kernel: Kernel, sig: number, code: number, vector: number, what: string): Fault {
  const address = kernel.machine.get('eip');
  return { sig, code, address, trap: { number: vector, error: 0, cr2: 0 }, what };
}

const PF_PROTECTION = 1;
const PF_WRITE = 2;
const PF_USER = 4;
const PF_INSTRUCTION = 16;

function pageFault(kernel: Kernel, task: Task, stop: Extract<Stop, { kind: 'fault' }>): Fault {
  const area = areaAt(processOf(kernel, task).mm.vmas, stop.address);
  const mapped = area !== undefined;
  // A PROT_NONE page is not present for the CPU; every other page of an area counts as used before.
  const present = area !== undefined && area.protection !== 0;
  const SEGV_MAPERR = 1;
  const SEGV_ACCERR = 2;
  const error =
    PF_USER |
    (present ? PF_PROTECTION : 0) |
    (stop.access === 'write' ? PF_WRITE : 0) |
    (stop.access === 'fetch' ? PF_INSTRUCTION : 0);
  return {
    sig: signals.SIGSEGV,
    code: mapped ? SEGV_ACCERR : SEGV_MAPERR,
    address: stop.address,
    trap: { number: VECTOR.page, error, cr2: stop.address },
    what: `${stop.access} of ${mapped ? 'protected' : 'unmapped'} memory`,
  };
}

/** int3 and into are for user mode; any other vector is a general protection fault at the instruction. */
function softwareInterrupt(kernel: Kernel, vector: number): Fault {
  if (vector === VECTOR.breakpoint) {
    return { ...simple(kernel, signals.SIGTRAP, SI_KERNEL, vector, 'breakpoint'), address: 0 };
  }
  if (vector === VECTOR.overflow) {
    return { ...simple(kernel, signals.SIGSEGV, SI_KERNEL, vector, 'overflow'), address: 0 };
  }
  kernel.machine.set('eip', (kernel.machine.get('eip') - 2) >>> 0);
  const trap = { number: VECTOR.protection, error: vector * 8 + 2, cr2: 0 };
  return {
    sig: signals.SIGSEGV,
    code: SI_KERNEL,
    address: 0,
    trap,
    what: `int $${vector} is not for user mode`,
  };
}

function exception(kernel: Kernel, task: Task, vector: number): Fault {
  if (vector === VECTOR.divide) return simple(kernel, signals.SIGFPE, 1, vector, 'divide error');
  // The kernel's force_sig says nothing about the address.
  if (vector === VECTOR.stack)
    return { ...simple(kernel, signals.SIGBUS, SI_KERNEL, vector, 'stack segment fault'), address: 0 };
  const known = vector === VECTOR.bound || vector === VECTOR.protection;
  if (!known) log(kernel, { kind: 'unmodelled', tid: task.tid, what: `CPU exception ${vector}` });
  const what = vector === VECTOR.bound ? 'bound range exceeded' : 'general protection fault';
  return { ...simple(kernel, signals.SIGSEGV, SI_KERNEL, vector, what), address: 0 };
}
