// Looks at every instruction of the thread under test whether it can be unwound, and keeps a table of what was seen.
import { rowText } from '../../cfi/index.js';
import {
  FrameIndex,
  type FrameState,
  libgcc,
  libunwind18,
  libunwind19,
  type Reader,
  type ReaderId,
  standard,
} from '../../cfi/unwind/index.js';
import type { Cpu } from '../../cpu/index.js';
import type { Event } from '../../kernel/history.js';
import { pageUp } from '../../kernel/mm/types.js';
import { VDSO_END } from '../../world/layout.js';
import { type CallKind, callerOf, callKind, type ShadowFrame } from '../../world/shadow/index.js';
import type { Subject } from '../subject.js';
import { type Look, StackJudge } from './judge.js';

/** What was seen at one instruction, of the frame that stands there, over all runs. */
export interface Seen {
  readonly address: number;
  looks: number;
  /** What the description says there, as readelf writes it; null without one. */
  readonly row: string | null;
  /** The true CFA minus ESP, when first seen; null at a thread's first function and where it was seen as a caller only. */
  readonly trueCfa: number | null;
  /** The worst: a wrong one, else one that could not be judged, else one without a description. */
  worst: Look;
}

/** What the readers make of a signal that struck at an instruction. */
export interface SeenFromHandler {
  readonly address: number;
  readonly looks: ReadonlyMap<ReaderId, Look>;
}

const RANK: Readonly<Record<Look['kind'], number>> = { right: 0, undescribed: 1, unjudged: 2, wrong: 3 };
const LONGEST = 15;
const RIGHT: Look = { kind: 'right' };

/** The frame in which an unwinding fails or stops. */
function failedAt(look: Look): { readonly pc: number; readonly depth: number } | null {
  if (look.kind === 'wrong') return look.wrong;
  return look.kind === 'undescribed' ? look : null;
}

/** The frame of a thread that stands at an instruction. */
function stateOf(cpu: Cpu): FrameState {
  const esp = cpu.get('esp');
  const scratch = [cpu.get('eax'), cpu.get('ecx'), cpu.get('edx')];
  const registers = [...scratch, cpu.get('ebx'), esp, cpu.get('ebp'), cpu.get('esi'), cpu.get('edi')];
  return { pc: cpu.get('eip'), registers, interrupted: true, cfa: esp };
}

export class UnwindWatch {
  readonly seen = new Map<number, Seen>();
  readonly fromHandlers = new Map<number, SeenFromHandler>();
  readonly #cpu: Cpu;
  readonly #index: FrameIndex;
  readonly #standard: StackJudge;
  readonly #readers: readonly StackJudge[];
  readonly #asked = new WeakMap<ShadowFrame, Set<number>>();
  readonly #kinds = new Map<number, CallKind>();

  constructor({ program, vdso }: Subject, cpu: Cpu) {
    this.#cpu = cpu;
    const bias = VDSO_END - pageUp(vdso.bytes.length) - vdso.base;
    this.#index = new FrameIndex([
      { elf: vdso.elf, bias },
      { elf: program, bias: 0 },
    ]);
    const judge = (reader: Reader) => new StackJudge(reader, this.#index, cpu);
    this.#standard = judge(standard);
    this.#readers = [libgcc, libunwind18, libunwind19].map(judge);
  }

  /** What the instruction at EIP does to the frames. */
  kindHere(): CallKind {
    const eip = this.#cpu.get('eip');
    const known = this.#kinds.get(eip);
    if (known !== undefined) return known;
    const kind = callKind(this.#cpu.read(eip, LONGEST) ?? new Uint8Array(0));
    this.#kinds.set(eip, kind);
    return kind;
  }

  /** Unwinds from the instruction at EIP; an event for what is wrong, else null. */
  look(tid: number, shadow: ShadowFrame): Event | null {
    const state = stateOf(this.#cpu);
    const esp = state.cfa;
    const above = shadow.kind === 'call' && esp > shadow.caller.cfa;
    const look: Look = above
      ? {
          kind: 'unjudged',
          reason: 'the stack pointer is beyond the frame: another context is being switched to',
        }
      : this.#standard.judge(state, shadow);
    // What is wrong further out is about the code there, not about the instruction.
    const failed = failedAt(look);
    const truth = shadow.kind === 'lost' ? null : callerOf(shadow, this.#cpu);
    const trueCfa = truth === null ? null : (truth.cfa - esp) | 0;
    if (failed !== null && failed.depth > 0) {
      this.#note(state.pc, RIGHT, trueCfa);
      this.#note(failed.pc, look, null);
    } else this.#note(state.pc, look, trueCfa);
    return look.kind === 'wrong' ? { kind: 'unwind', tid, at: state.pc, ...look.wrong } : null;
  }

  #note(address: number, look: Look, trueCfa: number | null): void {
    const known = this.seen.get(address);
    const row = known === undefined ? this.#index.find(address)?.rowFor(address) : undefined;
    if (known === undefined)
      this.seen.set(address, {
        address,
        looks: 1,
        row: row === undefined ? null : rowText(row),
        trueCfa,
        worst: look,
      });
    else {
      known.looks++;
      if (RANK[look.kind] > RANK[known.worst.kind]) known.worst = look;
    }
  }

  /**
   * A handler is about to run: unwinds as it would, from its return address on, through the signal's frame and what was
   * interrupted. An event for what the standard's reading gets wrong.
   */
  lookFromHandler(tid: number, handler: ShadowFrame): Event | null {
    if (handler.kind !== 'call' || handler.outer.kind !== 'signal') return null;
    const { outer, caller } = handler;
    const registers = [...stateOf(this.#cpu).registers];
    const ESP = 4;
    registers[ESP] = caller.cfa;
    const state: FrameState = { pc: caller.returnAddress, registers, interrupted: false, cfa: caller.cfa };
    const look = this.#standard.judge(state, outer);
    if (this.#isNewToReaders(outer)) {
      const looks = this.#readers.map((judge) => [judge.reader.id, judge.judge(state, outer)] as const);
      this.#noteFromHandler(outer.eip, [['standard', look], ...looks]);
    }
    return look.kind === 'wrong' ? { kind: 'unwind', tid, at: outer.eip, ...look.wrong } : null;
  }

  /** The readers are asked once for an instruction in a frame: a loop comes by a thousand times. */
  #isNewToReaders({ outer, eip }: Extract<ShadowFrame, { kind: 'signal' }>): boolean {
    const asked = this.#asked.get(outer) ?? new Set();
    this.#asked.set(outer, asked);
    return !asked.has(eip) && asked.add(eip).size > 0;
  }

  #noteFromHandler(address: number, looks: readonly (readonly [ReaderId, Look])[]): void {
    const merged = new Map(this.fromHandlers.get(address)?.looks);
    for (const [id, look] of looks) {
      const known = merged.get(id);
      if (known === undefined || RANK[look.kind] > RANK[known.kind]) merged.set(id, look);
    }
    this.fromHandlers.set(address, { address, looks: merged });
  }
}
