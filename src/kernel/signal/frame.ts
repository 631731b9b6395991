import { SA_ONSTACK, SA_RESTORER, SA_SIGINFO, SS_AUTODISARM, SS_DISABLE } from '../abi/signals.js';
import type { Kernel } from '../kernel.js';
import type { SigInfo } from '../siginfo.js';
import type { SignalSet } from '../sigset.js';
import type { AltStack, SigAction, Task } from '../state.js';
import { writeUser } from '../user.js';
import { allocateFpstate, writeFpstate } from './fpstate.js';
import {
  RT_SIGRETURN_CODE,
  rtSigframe,
  SIGCONTEXT_SIZE,
  SIGRETURN_CODE,
  type SigcontextField,
  sigcontext,
  sigframe,
} from './layout.js';
import { selectorOf } from './selectors.js';

/** Building the frame of a handler on the user stack (arch/x86/kernel/signal.c, signal_32.c). */

const EFLAGS_TF = 0x100;
const EFLAGS_DF = 0x400;
const EFLAGS_RF = 0x10000;
/** The fpstate is an XSAVE area (uapi/asm/ucontext.h). */
const UC_FP_XSTATE = 1;

/** Whether `sp` lies on the alternate stack (linux/sched/signal.h: on_sig_stack). */
export function onAltStack(stack: AltStack, sp: number): boolean {
  return (stack.flags & SS_AUTODISARM) === 0 && within(stack, sp);
}

function within(stack: AltStack, sp: number): boolean {
  return sp > stack.sp && sp - stack.sp <= stack.size;
}

export interface FramePlace {
  readonly frame: number;
  readonly fpstate: number;
}

/** Where the frame goes; null when it would overflow the alternate stack. */
export function placeFrame(kernel: Kernel, task: Task, action: SigAction, esp: number): FramePlace | null {
  const nested = onAltStack(task.altStack, esp);
  const entering = (action.flags & SA_ONSTACK) !== 0 && !nested && task.altStack.size !== 0;
  const sp = entering ? task.altStack.sp + task.altStack.size : esp;
  const fpstate = allocateFpstate(kernel, sp);
  const size = (action.flags & SA_SIGINFO) !== 0 ? rtSigframe.size : sigframe.size;
  // The i386 ABI wants (esp + 4) % 16 == 0 at a function's entry.
  const frame = ((((fpstate - size + 4) & ~15) >>> 0) - 4) >>> 0;
  if ((nested || entering) && !within(task.altStack, frame)) return null;
  return { frame, fpstate };
}

/**
 * Writes the frame and sets the registers for the handler's first instruction. Returns the frame's address, or null when
 * it cannot be written: the caller turns that into SIGSEGV.
 */
export function setupFrame(
  kernel: Kernel,
  task: Task,
  action: SigAction,
  info: SigInfo,
  mask: SignalSet,
): number | null {
  const { machine } = kernel;
  const place = placeFrame(kernel, task, action, machine.get('esp'));
  if (place === null || !writeFpstate(kernel, task, place.fpstate)) return null;
  const siginfo = (action.flags & SA_SIGINFO) !== 0;
  const bytes = siginfo
    ? rtFrameBytes(kernel, task, action, info, mask, place)
    : frameBytes(kernel, task, action, info, mask, place);
  if (!writeUser(kernel, task, place.frame, bytes)) return null;
  enterHandler(kernel, action, info.signo, place.frame, siginfo);
  delete task.unloadable;
  return place.frame;
}

function returnAddress(kernel: Kernel, action: SigAction): number {
  if ((action.flags & SA_RESTORER) !== 0) return action.restorer;
  const { vdso } = kernel.config;
  return vdso.base + ((action.flags & SA_SIGINFO) !== 0 ? vdso.rtSigreturn : vdso.sigreturn);
}

function frameBytes(
  kernel: Kernel,
  task: Task,
  action: SigAction,
  info: SigInfo,
  mask: SignalSet,
  place: FramePlace,
): Uint8Array {
  const bytes = new Uint8Array(sigframe.size);
  const view = new DataView(bytes.buffer);
  view.setUint32(sigframe.pretcode, returnAddress(kernel, action), true);
  view.setUint32(sigframe.sig, info.signo, true);
  bytes.set(contextBytes(kernel, task, mask, place.fpstate), sigframe.context);
  view.setUint32(sigframe.extramask, mask.high, true);
  bytes.set(SIGRETURN_CODE, sigframe.retcode);
  return bytes;
}

function rtFrameBytes(
  kernel: Kernel,
  task: Task,
  action: SigAction,
  info: SigInfo,
  mask: SignalSet,
  place: FramePlace,
): Uint8Array {
  const bytes = new Uint8Array(rtSigframe.size);
  const view = new DataView(bytes.buffer);
  const word = (at: number, value: number) => view.setUint32(at, value, true);
  word(rtSigframe.pretcode, returnAddress(kernel, action));
  word(rtSigframe.sig, info.signo);
  word(rtSigframe.infoPointer, place.frame + rtSigframe.info);
  word(rtSigframe.contextPointer, place.frame + rtSigframe.ucontext);
  bytes.set(info.bytes, rtSigframe.info);
  if (kernel.config.xsave !== null) word(rtSigframe.ucFlags, UC_FP_XSTATE);
  word(rtSigframe.ucStack, task.altStack.sp);
  word(rtSigframe.ucStack + 4, task.altStack.flags);
  word(rtSigframe.ucStack + 8, task.altStack.size);
  if ((task.altStack.flags & SS_AUTODISARM) !== 0) task.altStack = { sp: 0, size: 0, flags: SS_DISABLE };
  bytes.set(contextBytes(kernel, task, mask, place.fpstate), rtSigframe.context);
  word(rtSigframe.sigmask, mask.low);
  word(rtSigframe.sigmask + 4, mask.high);
  bytes.set(RT_SIGRETURN_CODE, rtSigframe.retcode);
  return bytes;
}

function contextBytes(kernel: Kernel, task: Task, mask: SignalSet, fpstate: number): Uint8Array {
  const bytes = new Uint8Array(SIGCONTEXT_SIZE);
  const view = new DataView(bytes.buffer);
  const put = (field: SigcontextField, value: number) => view.setUint32(sigcontext[field].at, value, true);
  const { machine } = kernel;
  for (const name of ['gs', 'fs', 'es', 'ds', 'cs', 'ss'] as const) {
    put(name, selectorOf(kernel, task, name));
  }
  for (const name of ['edi', 'esi', 'ebp', 'esp', 'ebx', 'edx', 'ecx', 'eax', 'eip'] as const) {
    put(name, machine.get(name));
  }
  put('trapno', task.lastTrap.number);
  put('err', task.lastTrap.error);
  put('cr2', task.lastTrap.cr2);
  put('eflags', machine.getEflags());
  put('espAtSignal', machine.get('esp'));
  put('fpstate', fpstate);
  put('oldmask', mask.low);
  return bytes;
}

function enterHandler(kernel: Kernel, action: SigAction, sig: number, frame: number, siginfo: boolean): void {
  const { machine } = kernel;
  machine.set('esp', frame);
  machine.set('eip', action.handler);
  machine.set('eax', sig);
  machine.set('edx', siginfo ? frame + rtSigframe.info : 0);
  machine.set('ecx', siginfo ? frame + rtSigframe.ucontext : 0);
  const { code, data } = userSelectors(kernel);
  for (const [name, selector] of [
    ['ds', data],
    ['es', data],
    ['ss', data],
    ['cs', code],
  ] as const) {
    if (machine.getSegment(name) !== selector) machine.setSegment(name, selector);
  }
  const eflags = machine.getEflags();
  const cleared = eflags & ~(EFLAGS_DF | EFLAGS_RF | EFLAGS_TF);
  if (cleared !== eflags) machine.setEflags(cleared);
  machine.resetFpu();
}

/** __USER32_CS and __USER_DS of a 64-bit kernel, __USER_CS and __USER_DS of a 32-bit one (asm/segment.h). */
export function userSelectors(kernel: Kernel): { code: number; data: number } {
  return kernel.config.flavour === 'amd64' ? { code: 0x23, data: 0x2b } : { code: 0x73, data: 0x7b };
}
