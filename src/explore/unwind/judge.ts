// One unwinding from a stopped thread to its start, by a reader of frame descriptions, held against the shadow stack.
import { thunkRegister } from '../../cfi/check/thunks.js';
import {
  type Found,
  type FrameIndex,
  type FrameState,
  type Memory,
  type Reader,
  readFrame,
} from '../../cfi/unwind/index.js';
import { type CallerState, callerOf, type ShadowFrame } from '../../world/shadow/index.js';

/** A frame that is unwound wrongly: what the reader gets, and what is true. */
export interface Wrong {
  /** The frame's next instruction. */
  readonly pc: number;
  /** 0 is the innermost frame. */
  readonly depth: number;
  /** 'CFA', 'ra' or a register. */
  readonly column: string;
  readonly declared: string;
  readonly actual: string;
}

export type Look =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly wrong: Wrong }
  /** The reader stops at `pc`, where nothing describes the code, and there is more. */
  | { readonly kind: 'undescribed'; readonly pc: number; readonly depth: number }
  | { readonly kind: 'unjudged'; readonly reason: string };

const RIGHT: Look = { kind: 'right' };
const ANOTHER_CONTEXT: Look = {
  kind: 'unjudged',
  reason: 'the row describes a context that is being switched to, not the caller’s',
};
/** More frames than any thread of the programs has: a chain that does not end. */
const DEEPEST = 200;

const ESP = 4;
/** eax, ecx, edx: no frame's base, but where `longjmp` and its like keep the context that they switch to. */
const SCRATCH: ReadonlySet<number> = new Set([0, 1, 2]);
const SAVED = [
  ['ebx', 3],
  ['ebp', 5],
  ['esi', 6],
  ['edi', 7],
] as const;

const hex = (value: number): string => `0x${value.toString(16)}`;

/** The first column in which a reader's caller is not the true one. */
function difference(
  { row }: Found,
  caller: { cfa: number; returnAddress: number | null; registers: readonly (number | null)[] },
  truth: CallerState,
  byAgreement: () => number | undefined,
): Pick<Wrong, 'column' | 'declared' | 'actual'> | null {
  const own = row.registers.has(ESP);
  const esp = own ? (caller.registers[ESP] ?? 0) : caller.cfa;
  if (esp !== truth.cfa) return { column: own ? 'esp' : 'CFA', declared: hex(esp), actual: hex(truth.cfa) };
  if (caller.returnAddress === null)
    return { column: 'ra', declared: 'none: the stack ends here', actual: hex(truth.returnAddress) };
  if (caller.returnAddress !== truth.returnAddress)
    return { column: 'ra', declared: hex(caller.returnAddress), actual: hex(truth.returnAddress) };
  for (const [column, register] of SAVED) {
    const declared = caller.registers[register] ?? null;
    if (declared !== null && declared !== truth[column] && register !== byAgreement())
      return { column, declared: hex(declared), actual: hex(truth[column]) };
  }
  return null;
}

/** A row of a function that leaves for another context: its own caller is of no interest any more. */
function isAnotherContext({ row, signalFrame }: Found): boolean {
  const base = row.cfa?.kind === 'register' ? row.cfa.register : ESP;
  return !signalFrame && (row.registers.has(ESP) || SCRATCH.has(base));
}

/**
 * The verdict of all that is further out than a function: it stays as it was when the function was entered, but for the
 * signal's frame that its handler may change. Two signals' frames further out are looked at anew each time.
 */
interface Outside {
  readonly look: Look;
  /** The depth at which it was looked at. */
  readonly depth: number;
  readonly restored: CallerState | null;
}

function deeper(look: Look, by: number): Look {
  if (by === 0) return look;
  if (look.kind === 'undescribed') return { ...look, depth: look.depth + by };
  return look.kind === 'wrong'
    ? { kind: 'wrong', wrong: { ...look.wrong, depth: look.wrong.depth + by } }
    : look;
}

function isSame(a: CallerState | null, b: CallerState | null): boolean {
  if (a === null || b === null) return a === b;
  const same = a.cfa === b.cfa && a.returnAddress === b.returnAddress && a.ebx === b.ebx;
  return same && a.esi === b.esi && a.edi === b.edi && a.ebp === b.ebp;
}

/** One reader's unwinding of one process. */
export class StackJudge {
  readonly reader: Reader;
  readonly #index: FrameIndex;
  readonly #memory: Memory;
  readonly #outside = new WeakMap<ShadowFrame, Outside>();

  constructor(reader: Reader, index: FrameIndex, memory: Memory) {
    this.reader = reader;
    this.#index = index;
    this.#memory = memory;
  }

  /** Unwinds from `state`, whose frame is `top`, to the thread's start. */
  judge(state: FrameState, top: ShadowFrame, depth = 0): Look {
    if (top.kind === 'lost') return { kind: 'unjudged', reason: top.reason };
    if (depth > DEEPEST) return { kind: 'unjudged', reason: `more than ${DEEPEST} frames` };
    const { pc } = state;
    const step = readFrame(this.reader, state, this.#index, this.#memory);
    const truth = callerOf(top, this.#memory);
    const wrong = (column: string, declared: string, actual: string): Look => ({
      kind: 'wrong',
      wrong: { pc, depth, column, declared, actual },
    });
    if (step.kind === 'undescribed') {
      if (truth === null) return RIGHT;
      // A handler's return address is looked up minus one: the trampoline's description has to begin a byte before it.
      if (top.kind === 'signal' && this.#index.find(pc)?.fde.cie.signalFrame === true)
        return wrong('begin', 'no description at the return address minus one', 'a signal’s frame');
      return { kind: 'undescribed', pc, depth };
    }
    if (truth === null) {
      if (step.kind === 'broken' || step.next === null) return RIGHT;
      return wrong('ra', hex(step.next.pc), 'none: the thread starts here');
    }
    if (step.kind === 'broken') return wrong('CFA', step.what, hex(truth.cfa));
    const { found, caller } = step.frame;
    const differs = difference(found, caller, truth, () => this.#changedByAgreement(pc));
    if (differs !== null && isAnotherContext(found)) return ANOTHER_CONTEXT;
    if (differs !== null) return wrong(differs.column, differs.declared, differs.actual);
    if (top.kind === 'signal' && !found.signalFrame)
      return wrong('signal frame', 'that of a function that was called: no S', 'a signal’s');
    if (step.next === null) return wrong('ra', 'none: the stack ends here', hex(truth.returnAddress));
    return this.#outward(step.next, top, depth);
  }

  /** The register of a program counter thunk whose return the thread stands at: it is not the caller's any more. */
  #changedByAgreement(pc: number): number | undefined {
    const word = this.#memory.readU32((pc - 3) >>> 0) ?? 0;
    return thunkRegister(undefined, Uint8Array.of(word, word >>> 8, word >>> 16, word >>> 24));
  }

  #outward(next: FrameState, inner: ShadowFrame, depth: number): Look {
    if (inner.kind !== 'call' && inner.kind !== 'signal') return RIGHT;
    if (inner.kind === 'signal' || (inner.signal !== null && inner.signal.signal !== null))
      return this.judge(next, inner.outer, depth + 1);
    const restored = inner.signal === null ? null : callerOf(inner.signal, this.#memory);
    const known = this.#outside.get(inner);
    if (known !== undefined && isSame(known.restored, restored))
      return deeper(known.look, depth - known.depth);
    const look = this.judge(next, inner.outer, depth + 1);
    this.#outside.set(inner, { look, depth, restored });
    return look;
  }
}
