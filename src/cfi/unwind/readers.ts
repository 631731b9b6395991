// How a reader of frame descriptions goes from one frame to the next: where it looks the description up, which of its
// rows it takes, and what it does where there is none. The standard's way; libgcc and LLVM's libunwind have their own.
// SOURCE: DWARF 5 section 6.4.4 and the augmentation 'S' of GCC (a signal frame's caller was interrupted, not calling).
import type { Row } from '../types.js';
import type { FrameIndex } from './frame-index.js';
import type { FrameState, Memory } from './state.js';
import { unwindStep } from './step.js';

export type ReaderId = 'standard' | 'libgcc' | 'libunwind-18' | 'libunwind-19';

/** What a reader has found to unwind a frame with. */
export interface Found {
  readonly row: Row;
  readonly returnRegister: number;
  /** The frame below was interrupted here: it is looked up at its own address. */
  readonly signalFrame: boolean;
  /** Read from the code's bytes, as there is no description. */
  readonly fromCode?: true;
}

export interface Reader {
  readonly id: ReaderId;
  readonly title: string;
  /** Null where the reader finds nothing: it takes that for the end of the stack. */
  readonly find: (state: FrameState, index: FrameIndex, memory: Memory) => Found | null;
}

/** One frame that a reader has unwound: what it took the caller's values from, and the values. */
export interface ReadFrame {
  readonly state: FrameState;
  readonly found: Found;
  readonly caller: Extract<ReturnType<typeof unwindStep>, { kind: 'caller' }>;
}

export type WalkStep =
  | { readonly kind: 'frame'; readonly frame: ReadFrame; readonly next: FrameState | null }
  /** Nothing describes the code at `state.pc`. */
  | { readonly kind: 'undescribed' }
  | { readonly kind: 'broken'; readonly found: Found; readonly what: string };

/** One step of a reader; `next` is null where it ends the stack. */
export function readFrame(reader: Reader, state: FrameState, index: FrameIndex, memory: Memory): WalkStep {
  const found = reader.find(state, index, memory);
  if (found === null) return { kind: 'undescribed' };
  const caller = unwindStep(found.row, found.returnRegister, state, memory);
  if (caller.kind === 'broken') return { kind: 'broken', found, what: caller.what };
  const { returnAddress, registers, cfa } = caller;
  const next =
    returnAddress === null || returnAddress === 0
      ? null
      : { pc: returnAddress, registers, interrupted: found.signalFrame, cfa };
  return { kind: 'frame', frame: { state, found, caller }, next };
}

/** The address that tells which function a frame is in: a call may be a function's last instruction. */
export function lookupAddress({ pc, interrupted }: FrameState): number {
  return interrupted ? pc : (pc - 1) >>> 0;
}

export const standard: Reader = {
  id: 'standard',
  title: 'as the standard reads it',
  find: (state, index) => {
    const at = lookupAddress(state);
    const description = index.find(at);
    const row = description?.rowFor(at);
    if (description === null || row === undefined) return null;
    const { signalFrame, returnRegister } = description.fde.cie;
    return { row, returnRegister, signalFrame };
  },
};
