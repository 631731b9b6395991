// How instructions and the kernel move a shadow stack. Only the machine is looked at, never a frame description.
// SOURCE: Intel SDM volume 2 (CALL, RET, JMP), volume 2 chapter 2.1 (prefixes).
import type { Cpu } from '../../cpu/index.js';
import type { Event } from '../../kernel/history.js';
import { type CallFrame, isRt, type ShadowFrame, type SignalFrame } from './frames.js';

/** What an instruction may do to the frames. */
export type CallKind = 'call' | 'return' | 'jump' | 'other';

/** Segment overrides, operand and address size, lock and repeat: none changes what the opcode does to the stack. */
const PREFIXES: ReadonlySet<number> = new Set([
  ...[0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3],
]);

/** By the bytes of an instruction; far calls and returns do not occur in user mode. */
export function callKind(bytes: Uint8Array): CallKind {
  let at = 0;
  while (PREFIXES.has(bytes[at] ?? 0)) at++;
  const [opcode = 0, modrm = 0] = bytes.subarray(at);
  if (opcode === 0xe8) return 'call';
  if (opcode === 0xc3 || opcode === 0xc2) return 'return';
  if (opcode === 0xe9 || opcode === 0xeb) return 'jump';
  if (opcode !== 0xff) return 'other';
  const operation = (modrm >> 3) & 7;
  return operation === 2 ? 'call' : operation === 4 ? 'jump' : 'other';
}

/** Farther than any frame: ESP has gone to another stack. */
const FAR = 0x40000;

const signalOf = (frame: ShadowFrame): SignalFrame | null =>
  frame.kind === 'signal' ? frame : frame.kind === 'call' ? frame.signal : null;

function called(outer: ShadowFrame, cfa: number, returnAddress: number, cpu: Cpu): CallFrame {
  const [ebx, esi, edi, ebp] = [cpu.get('ebx'), cpu.get('esi'), cpu.get('edi'), cpu.get('ebp')];
  const caller = { cfa, returnAddress, ebx, esi, edi, ebp };
  return { kind: 'call', outer, signal: signalOf(outer), caller };
}

/** A handler's stack is left: the interrupted place is reached again, or on a stack of its own ESP is far away. */
function isLeft({ frame, esp }: SignalFrame, now: number): boolean {
  const sameStack = esp >= frame && esp - frame < FAR;
  return sameStack ? now >= esp : Math.abs(now - frame) >= FAR;
}

/** The innermost frame that is still there after a jump or a return left ESP at `esp`. */
function unwoundTo(top: ShadowFrame, esp: number): ShadowFrame {
  for (let frame = top; ; ) {
    const signal = signalOf(frame);
    if (signal !== null && isLeft(signal, esp)) frame = signal.outer;
    else if (frame.kind === 'call' && frame.caller.cfa <= esp) frame = frame.outer;
    else return frame;
  }
}

/** The frames after an instruction of this kind; `before` is ESP before it. */
export function afterInstruction(top: ShadowFrame, kind: CallKind, before: number, cpu: Cpu): ShadowFrame {
  const esp = cpu.get('esp');
  if (kind === 'other') {
    if (esp === before || top.kind === 'lost' || Math.abs(esp - before) < FAR) return top;
    return { kind: 'lost', reason: 'the stack pointer was moved to another stack' };
  }
  if (kind !== 'call') return unwoundTo(top, esp);
  const returnAddress = cpu.readU32(esp) ?? 0;
  // `call 1f; 1:` pushes the program counter and calls nobody.
  return cpu.get('eip') === returnAddress ? top : called(top, (esp + 4) >>> 0, returnAddress, cpu);
}

/** The kernel has built a frame and will start the handler; callee-saved registers are as they were interrupted. */
export function afterDelivery(
  top: ShadowFrame,
  { frame, flags, context }: Extract<Event, { kind: 'deliver' }>,
  cpu: Cpu,
): ShadowFrame {
  const { eip, esp } = context;
  const signal: SignalFrame = {
    kind: 'signal',
    outer: top,
    signal: signalOf(top),
    frame,
    rt: isRt(flags ?? 0),
    eip,
    esp,
  };
  return called(signal, (frame + 4) >>> 0, cpu.readU32(frame) ?? 0, cpu);
}

/** The kernel has restored what a frame holds. A handler may have sent it elsewhere: then frames may be gone. */
export function afterSigreturn(
  top: ShadowFrame,
  { frame, context }: Extract<Event, { kind: 'sigreturn' }>,
): ShadowFrame {
  let signal = signalOf(top);
  while (signal !== null && signal.frame !== frame) signal = signal.signal;
  if (signal === null)
    return { kind: 'lost', reason: 'sigreturn with a frame that the kernel has not built' };
  const edited = context.eip !== signal.eip || context.esp !== signal.esp;
  return edited ? unwoundTo(signal.outer, context.esp) : signal.outer;
}
