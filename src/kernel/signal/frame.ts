import { SA_ONSTACK, SA_RESTORER, SA_SIGINFO, SS_AUTODISARM, SS_DISABLE } from '../abi/signals.js';
import type { Kernel } from '../kernel.js';
import type { SigInfo } from '../siginfo.js';
import type { SignalSet } from '../sigset.js';
import type { AltStack, SigAction, Task } from '../state.js';
import { writeUser } from '../user.js';
import { allocateFpstate, writeFpstate } from './fpstate.js';
import { RT_SIGRETURN_CODE, rtSigframe, SIGRETURN_CODE, sigcontext, sigframe } from './layout.js';
import { selectorOf } from './selectors.js';

/** Building the frame of a handler on the user stack (arch/x86/kernel/signal.c, signal_32.c). */

const EFLAGS_TF = 0x100;
const EFLAGS_DF = 0x400;
const EFLAGS_RF = 0x10000;
/** The fpstate is an XSAVE area (uapi/asm/ucontext.h). */
const UC_FP_XSTATE = 1;

const SELECTORS = ['gs', 'fs', 'es', 'ds', 'cs', 'ss'] as const;
const REGISTERS = ['edi', 'esi', 'ebp', 'esp', 'ebx', 'edx', 'ecx', 'eax', 'eip'] as const;
const DATA_SEGMENTS = ['ds', 'es', 'ss'] as const;

/** Where a frame is put together, before it is copied to the user's stack. */
const words = new Uint32Array(sigframe.size / 4);
const scratch = new Uint8Array(words.buffer);

function put(at: number, value: number): void {
  words[at >>> 2] = value;
}

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
  const bytes = scratch.fill(0, 0, sigframe.size).subarray(0, sigframe.size);
  put(sigframe.pretcode, returnAddress(kernel, action));
  put(sigframe.sig, info.signo);
  writeContext(sigframe.context, kernel, task, mask, place.fpstate);
  put(sigframe.extramask, mask.high);
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
  const bytes = scratch.fill(0, 0, rtSigframe.size).subarray(0, rtSigframe.size);
  put(rtSigframe.pretcode, returnAddress(kernel, action));
  put(rtSigframe.sig, info.signo);
  put(rtSigframe.infoPointer, place.frame + rtSigframe.info);
  put(rtSigframe.contextPointer, place.frame + rtSigframe.ucontext);
  bytes.set(info.bytes, rtSigframe.info);
  if (kernel.config.xsave !== null) put(rtSigframe.ucFlags, UC_FP_XSTATE);
  const { sp, flags, size } = task.altStack;
  put(rtSigframe.ucStack, sp);
  put(rtSigframe.ucStack + 4, flags);
  put(rtSigframe.ucStack + 8, size);
  if ((flags & SS_AUTODISARM) !== 0) task.altStack = { sp: 0, size: 0, flags: SS_DISABLE };
  writeContext(rtSigframe.context, kernel, task, mask, place.fpstate);
  put(rtSigframe.sigmask, mask.low);
  put(rtSigframe.sigmask + 4, mask.high);
  bytes.set(RT_SIGRETURN_CODE, rtSigframe.retcode);
  return bytes;
}

/** struct sigcontext_32 at `start`. */
function writeContext(start: number, kernel: Kernel, task: Task, mask: SignalSet, fpstate: number): void {
  const { machine } = kernel;
  const { lastTrap } = task;
  for (const name of SELECTORS) put(start + sigcontext[name].at, selectorOf(kernel, task, name));
  for (const name of REGISTERS) put(start + sigcontext[name].at, machine.get(name));
  put(start + sigcontext.trapno.at, lastTrap.number);
  put(start + sigcontext.err.at, lastTrap.error);
  put(start + sigcontext.cr2.at, lastTrap.cr2);
  put(start + sigcontext.eflags.at, machine.getEflags());
  put(start + sigcontext.espAtSignal.at, machine.get('esp'));
  put(start + sigcontext.fpstate.at, fpstate);
  put(start + sigcontext.oldmask.at, mask.low);
}

function enterHandler(kernel: Kernel, action: SigAction, sig: number, frame: number, siginfo: boolean): void {
  const { machine } = kernel;
  machine.set('esp', frame);
  machine.set('eip', action.handler);
  machine.set('eax', sig);
  machine.set('edx', siginfo ? frame + rtSigframe.info : 0);
  machine.set('ecx', siginfo ? frame + rtSigframe.ucontext : 0);
  const { code, data } = userSelectors(kernel);
  for (const name of DATA_SEGMENTS) {
    if (machine.getSegment(name) !== data) machine.setSegment(name, data);
  }
  if (machine.getSegment('cs') !== code) machine.setSegment('cs', code);
  const cleared = EFLAGS_DF | EFLAGS_RF | EFLAGS_TF;
  if ((machine.getControlFlags() & cleared) !== 0) machine.setEflags(machine.getEflags() & ~cleared);
  machine.resetFpu();
}

const AMD64_SELECTORS = { code: 0x23, data: 0x2b };
const I386_SELECTORS = { code: 0x73, data: 0x7b };

/** __USER32_CS and __USER_DS of a 64-bit kernel, __USER_CS and __USER_DS of a 32-bit one (asm/segment.h). */
export function userSelectors(kernel: Kernel): { code: number; data: number } {
  return kernel.config.flavour === 'amd64' ? AMD64_SELECTORS : I386_SELECTORS;
}
