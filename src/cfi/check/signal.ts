// The state in which a signal handler returns to its trampoline: ESP is 4 above the frame that the kernel built, the
// interrupted registers are in its sigcontext. The true CFA is the interrupted ESP.
// SOURCE: Linux arch/x86/include/asm/sigframe.h (sigframe_ia32: pretcode, sig, sigcontext; rt_sigframe_ia32: pretcode,
// sig, pinfo, puc, 128 bytes of siginfo, ucontext with its mcontext at 20) and uapi/asm/sigcontext.h.
import { ESP, makeState, type State } from './state.js';
import { cfaPlus, initial, opaque, plus, type Value } from './value.js';

/** Offset in the sigcontext by DWARF register: general ones, eip as 8, eflags 9, es cs ss ds fs gs from 40. */
const SIGCONTEXT: readonly (readonly [number, number])[] = [
  [7, 16],
  [6, 20],
  [5, 24],
  [3, 32],
  [2, 36],
  [1, 40],
  [0, 44],
  [8, 56],
  [9, 64],
  [40, 8],
  [41, 60],
  [42, 72],
  [43, 12],
  [44, 4],
  [45, 0],
];
const SIGCONTEXT_ESP = 28;
/** Where the sigcontext begins, from ESP at the handler's return. */
const AT = { sigreturn: 4, rtSigreturn: 160 } as const;

export const SYS_SIGRETURN = 119;
export const SYS_RT_SIGRETURN = 173;
/** An opaque number that no instruction has. */
const FRAME_ID = 0;

/** `number` is the system call the trampoline makes. */
export function handlerReturnState(number: typeof SYS_SIGRETURN | typeof SYS_RT_SIGRETURN): State {
  const esp = opaque(FRAME_ID);
  const context = plus(esp, number === SYS_SIGRETURN ? AT.sigreturn : AT.rtSigreturn);
  const words = new Map<Value, Value>([[plus(context, SIGCONTEXT_ESP), cfaPlus(0)]]);
  for (const [register, offset] of SIGCONTEXT) words.set(plus(context, offset), initial(register));
  return makeState(new Map([[ESP, esp]]), words);
}
