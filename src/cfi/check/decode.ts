// What an instruction does to the stack pointer, the registers and the frame, as far as the static check needs it.
// The decoding is iced-x86's; only the effects that frame descriptions follow are told apart.
import {
  Code,
  Decoder,
  DecoderOptions,
  FlowControl,
  Instruction,
  InstructionInfoFactory,
  MemorySizeExt,
  Mnemonic,
  OpAccess,
  OpKind,
  Register,
  RegisterExt,
  type UsedMemory,
  type UsedRegister,
} from 'iced-x86';

/** An operand in memory; `base` is a register number or null, `indexed` when an index makes the address unknown. */
export interface MemoryOperand {
  readonly base: number | null;
  readonly indexed: boolean;
  readonly displacement: number;
  readonly size: number;
}

export type Operand =
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'memory'; readonly memory: MemoryOperand }
  | { readonly kind: 'constant'; readonly value: number };

export type Effect =
  | { readonly kind: 'push'; readonly from: Operand }
  | { readonly kind: 'pop'; readonly to: Operand }
  | { readonly kind: 'move'; readonly to: Operand; readonly from: Operand }
  | { readonly kind: 'lea'; readonly to: number; readonly memory: MemoryOperand }
  | { readonly kind: 'add'; readonly register: number; readonly delta: number }
  | { readonly kind: 'exchange'; readonly a: number; readonly b: number }
  | { readonly kind: 'leave' }
  /** Registers it writes, words it stores to, and how far it moves ESP. */
  | {
      readonly kind: 'other';
      readonly writes: readonly number[];
      readonly stores: readonly MemoryOperand[];
      readonly esp: number;
    };

export type Flow =
  | { readonly kind: 'next' | 'stop' | 'systemCall' | 'fastCall' | 'indirectCall' | 'indirectJump' }
  | { readonly kind: 'return'; readonly pops: number }
  | { readonly kind: 'jump' | 'branch' | 'call'; readonly target: number };

export interface Decoded {
  readonly length: number;
  readonly effect: Effect;
  readonly flow: Flow;
  /** Filling between functions: a nop, or a lea or mov of a register to itself. */
  readonly filling: boolean;
}

const NOTHING: Effect = { kind: 'other', writes: [], stores: [], esp: 0 };
const STOPS: ReadonlySet<Mnemonic> = new Set([
  Mnemonic.Hlt,
  Mnemonic.Ud2,
  Mnemonic.Ud1,
  Mnemonic.Ud0,
  Mnemonic.Int3,
]);
const FAST_CALLS: ReadonlySet<Mnemonic> = new Set([Mnemonic.Sysenter, Mnemonic.Syscall]);
const WRITES: ReadonlySet<OpAccess> = new Set([
  OpAccess.Write,
  OpAccess.CondWrite,
  OpAccess.ReadWrite,
  OpAccess.ReadCondWrite,
]);

const instruction = new Instruction();
const factory = new InstructionInfoFactory();

/** Number of a 32-bit general register, else null. */
function general(register: Register): number | null {
  return register >= Register.EAX && register <= Register.EDI ? register - Register.EAX : null;
}

function memoryOperand(): MemoryOperand {
  const base = general(instruction.memoryBase);
  const flat = instruction.segmentPrefix !== Register.FS && instruction.segmentPrefix !== Register.GS;
  return {
    base,
    indexed: instruction.memoryIndex !== Register.None || !flat,
    displacement: Number(BigInt.asIntN(32, instruction.memoryDisplacement)),
    size: MemorySizeExt.size(instruction.memorySize),
  };
}

/** A 32-bit operand, or null when it is something else. */
function operand(index: 0 | 1): Operand | null {
  switch (instruction.opKind(index)) {
    case OpKind.Register: {
      const register = general(instruction.opRegister(index));
      return register === null ? null : { kind: 'register', register };
    }
    case OpKind.Memory: {
      const memory = memoryOperand();
      return memory.size === 4 ? { kind: 'memory', memory } : null;
    }
    case OpKind.Immediate32:
    case OpKind.Immediate8to32:
      return { kind: 'constant', value: Number(BigInt.asIntN(32, instruction.immediate(index))) };
    default:
      return null;
  }
}

/** By iced's own account of what is read and written. */
function otherEffect(): Effect {
  const info = factory.info(instruction);
  const writes = new Set<number>();
  const used: UsedRegister[] = info.usedRegisters();
  for (const register of used) {
    const whole = general(RegisterExt.fullRegister32(register.register));
    if (WRITES.has(register.access) && whole !== null) writes.add(whole);
    register.free();
  }
  const stores: MemoryOperand[] = [];
  const memory: UsedMemory[] = info.usedMemory();
  for (const access of memory) {
    if (WRITES.has(access.access)) {
      const flat = access.segment !== Register.FS && access.segment !== Register.GS;
      stores.push({
        base: general(access.base),
        indexed:
          access.index !== Register.None || !flat || instruction.hasRepPrefix || instruction.hasRepnePrefix,
        displacement: Number(BigInt.asIntN(32, access.displacement)),
        size: MemorySizeExt.size(access.memorySize),
      });
    }
    access.free();
  }
  info.free();
  const esp = instruction.isStackInstruction ? instruction.stackPointerIncrement : 0;
  if (esp !== 0) writes.delete(4);
  return { kind: 'other', writes: [...writes], stores, esp };
}

function twoOperandEffect(): Effect | null {
  const [to, from] = [operand(0), operand(1)];
  const { mnemonic } = instruction;
  if (mnemonic === Mnemonic.Lea && to?.kind === 'register')
    return { kind: 'lea', to: to.register, memory: memoryOperand() };
  if (to === null || from === null) return null;
  if (mnemonic === Mnemonic.Mov) return { kind: 'move', to, from };
  if (to.kind !== 'register') return null;
  if (mnemonic === Mnemonic.Xchg && from.kind === 'register')
    return { kind: 'exchange', a: to.register, b: from.register };
  if (from.kind !== 'constant') return null;
  if (mnemonic === Mnemonic.Add) return { kind: 'add', register: to.register, delta: from.value };
  return mnemonic === Mnemonic.Sub ? { kind: 'add', register: to.register, delta: -from.value } : null;
}

function effectOf(): Effect {
  const { mnemonic } = instruction;
  if (mnemonic === Mnemonic.Leave) return { kind: 'leave' };
  if (instruction.opCount === 2) return twoOperandEffect() ?? otherEffect();
  if (instruction.opCount !== 1) return otherEffect();
  const only = operand(0);
  if (only === null) return otherEffect();
  if (mnemonic === Mnemonic.Push) return { kind: 'push', from: only };
  if (mnemonic === Mnemonic.Pop) return { kind: 'pop', to: only };
  if (only.kind === 'register' && mnemonic === Mnemonic.Inc)
    return { kind: 'add', register: only.register, delta: 1 };
  if (only.kind === 'register' && mnemonic === Mnemonic.Dec)
    return { kind: 'add', register: only.register, delta: -1 };
  return otherEffect();
}

function isIdle(effect: Effect): boolean {
  if (effect.kind === 'lea') {
    const { base, indexed, displacement } = effect.memory;
    return base === effect.to && !indexed && displacement === 0;
  }
  if (effect.kind === 'exchange') return effect.a === effect.b;
  if (effect.kind !== 'move' || effect.to.kind !== 'register') return false;
  return effect.from.kind === 'register' && effect.from.register === effect.to.register;
}

/** `call *%gs:0x10`: __kernel_vsyscall by way of the thread's control block; it keeps all registers but EAX. */
function callsKernel(): boolean {
  const plain = instruction.memoryBase === Register.None && instruction.memoryIndex === Register.None;
  return plain && instruction.segmentPrefix === Register.GS && instruction.memoryDisplacement === 0x10n;
}

function flowOf(): Flow {
  const { mnemonic } = instruction;
  if (STOPS.has(mnemonic)) return { kind: 'stop' };
  if (FAST_CALLS.has(mnemonic)) return { kind: 'fastCall' };
  if (mnemonic === Mnemonic.Int) return { kind: 'systemCall' };
  const direct = instruction.opCount > 0 && instruction.op0Kind === OpKind.NearBranch32;
  const target = direct ? instruction.nearBranch32 >>> 0 : 0;
  switch (instruction.flowControl) {
    case FlowControl.UnconditionalBranch:
      return direct ? { kind: 'jump', target } : { kind: 'stop' };
    case FlowControl.ConditionalBranch:
      return { kind: 'branch', target };
    case FlowControl.XbeginXabortXend:
      return direct ? { kind: 'branch', target } : { kind: 'next' };
    case FlowControl.IndirectBranch:
      return { kind: 'indirectJump' };
    case FlowControl.Call:
      return direct ? { kind: 'call', target } : { kind: 'indirectCall' };
    case FlowControl.IndirectCall:
      return { kind: callsKernel() ? 'systemCall' : 'indirectCall' };
    case FlowControl.Return:
      return { kind: 'return', pops: instruction.opCount > 0 ? instruction.immediate16 : 0 };
    case FlowControl.Exception:
      return { kind: 'stop' };
    default:
      return { kind: 'next' };
  }
}

/** A decoder of one stretch of code. */
export class CodeDecoder {
  readonly #decoder: Decoder;
  readonly #base: number;

  /** `base` is the address of the first byte. */
  constructor(bytes: Uint8Array, base: number) {
    this.#decoder = new Decoder(32, bytes, DecoderOptions.None);
    this.#base = base;
  }

  /** The instruction `offset` bytes into the code; null when the bytes are none. */
  at(offset: number): Decoded | null {
    this.#decoder.position = offset;
    this.#decoder.ip = BigInt((this.#base + offset) >>> 0);
    this.#decoder.decodeOut(instruction);
    if (instruction.code === Code.INVALID) return null;
    const flow = flowOf();
    const plain = flow.kind === 'next';
    const nop = instruction.mnemonic === Mnemonic.Nop;
    const effect = plain && !nop ? effectOf() : NOTHING;
    return { length: instruction.length, flow, effect, filling: nop || isIdle(effect) };
  }

  close(): void {
    this.#decoder.free();
  }
}
