// What was seen of unwinding in a sweep, as plain data in the order of addresses.
import type { ReaderId } from '../cfi/unwind/index.js';
import type { Look } from '../explore/unwind/judge.js';
import type { UnwindWatch } from '../explore/unwind/watch.js';
import type { NamePlace } from './places.js';
import type { Place } from './types.js';

/** A frame that is unwound wrongly, or at which unwinding stops. */
export type UnwindVerdict =
  | { readonly kind: 'right' }
  | {
      readonly kind: 'wrong';
      readonly frame: Place;
      readonly depth: number;
      readonly column: string;
      readonly declared: string;
      readonly actual: string;
    }
  | { readonly kind: 'undescribed'; readonly frame: Place; readonly depth: number }
  | { readonly kind: 'unjudged'; readonly reason: string };

export interface UnwoundInstruction {
  readonly place: Place;
  /** Times that unwinding was tried there. */
  readonly looks: number;
  /** As readelf writes rows: 'esp+8 ebx=c-8 ra=c-4'; null: no description. */
  readonly row: string | null;
  /** The true CFA minus ESP. */
  readonly trueCfa: number | null;
  /** Of the frame that stands at this instruction. */
  readonly verdict: UnwindVerdict;
}

/** A signal struck at `place`: what a reader makes of the stack from the handler on. */
export interface UnwoundFromHandler {
  readonly place: Place;
  readonly readers: Readonly<Record<ReaderId, UnwindVerdict>>;
}

export interface UnwindReport {
  readonly instructions: readonly UnwoundInstruction[];
  readonly fromHandlers: readonly UnwoundFromHandler[];
}

function verdictOf(look: Look | undefined, place: NamePlace): UnwindVerdict {
  if (look === undefined) return { kind: 'unjudged', reason: 'not tried' };
  switch (look.kind) {
    case 'wrong': {
      const { pc, depth, column, declared, actual } = look.wrong;
      return { kind: 'wrong', frame: place(pc), depth, column, declared, actual };
    }
    case 'undescribed':
      return { kind: 'undescribed', frame: place(look.pc), depth: look.depth };
    default:
      return look;
  }
}

export function unwindReport({ seen, fromHandlers }: UnwindWatch, place: NamePlace): UnwindReport {
  const byAddress = <T extends { readonly address: number }>(items: Iterable<T>): T[] =>
    [...items].sort((a, b) => a.address - b.address);
  return {
    instructions: byAddress(seen.values()).map(({ address, looks, row, trueCfa, worst }) => ({
      place: place(address),
      looks,
      row,
      trueCfa,
      verdict: verdictOf(worst, place),
    })),
    fromHandlers: byAddress(fromHandlers.values()).map(({ address, looks }) => ({
      place: place(address),
      readers: {
        standard: verdictOf(looks.get('standard'), place),
        libgcc: verdictOf(looks.get('libgcc'), place),
        'libunwind-18': verdictOf(looks.get('libunwind-18'), place),
        'libunwind-19': verdictOf(looks.get('libunwind-19'), place),
      },
    })),
  };
}
