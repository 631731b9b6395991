import { SS_AUTODISARM, signals } from '../abi/signals.js';
import { type Kernel, log } from '../kernel.js';
import { onSigreturn } from '../proposals/hooks.js';
import { faultInfo } from '../siginfo.js';
import { type SignalSet, signalSet } from '../sigset.js';
import type { Task } from '../state.js';
import { viewUser } from '../user.js';
import { setAltStack } from './altstack.js';
import { restoreFpstate } from './fpstate.js';
import { rtSigframe, type SigcontextField, sigcontext, sigframe } from './layout.js';
import { setBlocked } from './pending.js';
import { LONG_MODE_CODE, setCodeAndStack } from './selectors.js';
import { forceSignal } from './send.js';

/** sigreturn and rt_sigreturn (arch/x86/kernel/signal_32.c): everything in the frame is the program's word. */

/** AC, OF, DF, TF, SF, ZF, AF, PF, CF, RF: what user mode may change (FIX_EFLAGS). */
const USER_FLAGS = 0x50dd5;
/** IF is always set in user mode. */
const FIXED_FLAGS = 0x202;

/** The handler's `ret` has taken the return address, the trampoline's `pop` the signal number. */
export function sigreturn(kernel: Kernel, task: Task): void {
  restoreFrame(kernel, task, (kernel.machine.get('esp') - 8) >>> 0, false);
}

export function rtSigreturn(kernel: Kernel, task: Task): void {
  restoreFrame(kernel, task, (kernel.machine.get('esp') - 4) >>> 0, true);
}

function restoreFrame(kernel: Kernel, task: Task, frame: number, rt: boolean): void {
  const bytes = viewUser(kernel, task, frame, rt ? rtSigframe.size : sigframe.size);
  // From here on the kernel was not entered by a call: no restart, whatever EAX holds.
  task.origEax = -1;
  task.restartBlock = null;
  if (bytes === null) {
    badFrame(kernel, task);
    return;
  }
  setBlocked(kernel, task, frameMask(bytes, rt));
  if (!restoreContext(kernel, task, bytes.subarray(rt ? rtSigframe.context : sigframe.context))) {
    badFrame(kernel, task);
    return;
  }
  if (rt) restoreAltStack(kernel, task, bytes);
  const { machine } = kernel;
  log(kernel, {
    kind: 'sigreturn',
    tid: task.tid,
    frame,
    context: { eip: machine.get('eip'), esp: machine.get('esp'), eax: machine.get('eax'), origEax: -1 },
  });
  onSigreturn(kernel, task, frame);
}

/** The call returns 0, whatever was restored of EAX, and SIGSEGV follows. */
function badFrame(kernel: Kernel, task: Task): void {
  kernel.machine.set('eax', 0);
  forceSignal(kernel, task, faultInfo(signals.SIGSEGV, 0x80, 0));
  const at = kernel.machine.get('eip');
  log(kernel, {
    kind: 'fault',
    tid: task.tid,
    sig: signals.SIGSEGV,
    at,
    address: 0,
    what: 'bad signal frame',
  });
}

function frameMask(bytes: Uint8Array, rt: boolean): SignalSet {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return rt
    ? signalSet(view.getUint32(rtSigframe.sigmask, true), view.getUint32(rtSigframe.sigmask + 4, true))
    : signalSet(
        view.getUint32(sigframe.context + sigcontext.oldmask.at, true),
        view.getUint32(sigframe.extramask, true),
      );
}

function restoreContext(kernel: Kernel, task: Task, bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (name: SigcontextField) => view.getUint32(sigcontext[name].at, true);
  const { machine } = kernel;
  // A 64-bit kernel gives them user privilege (signal_32.c: reload_segments); the IRET makes any null selector 0.
  const amd64 = kernel.config.flavour === 'amd64';
  for (const name of ['gs', 'fs', 'es', 'ds'] as const) {
    const given = field(name) & 0xffff;
    const selector = given <= 3 ? 0 : amd64 ? given | 3 : given;
    // A selector that cannot be loaded becomes the null selector (load_gs_index, POP_DS of entry_32.S).
    if (selector !== machine.getSegment(name) && !machine.setSegment(name, selector))
      machine.setSegment(name, 0);
  }
  for (const name of ['edi', 'esi', 'ebp', 'esp', 'ebx', 'edx', 'ecx', 'eax', 'eip'] as const) {
    machine.set(name, field(name));
  }
  const cs = (field('cs') & 0xffff) | 3;
  if (cs === LONG_MODE_CODE && amd64) {
    log(kernel, { kind: 'unmodelled', tid: task.tid, what: 'a return to 64-bit code' });
  }
  setCodeAndStack(kernel, task, cs, (field('ss') & 0xffff) | 3);
  machine.setEflags(
    ((machine.getControlFlags() & ~USER_FLAGS) | (field('eflags') & USER_FLAGS) | FIXED_FLAGS) >>> 0,
  );
  return restoreFpstate(kernel, task, field('fpstate'));
}

function restoreAltStack(kernel: Kernel, task: Task, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sp = view.getUint32(rtSigframe.ucStack, true);
  const flags = view.getUint32(rtSigframe.ucStack + 4, true);
  const size = view.getUint32(rtSigframe.ucStack + 8, true);
  // Errors are ignored: the frame's stack may be the one we are on.
  setAltStack(task, kernel.machine.get('esp'), { sp, flags: flags & (SS_AUTODISARM | 3), size });
}
