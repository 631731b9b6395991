// What a program can see of a case, and what the kernel did for it: the same on every form of the entry.
import type { Ending } from '../../world/world.js';

/** What the facts about a call's arguments are called. */
export const ARGUMENT_NAMES = [
  'argument 1',
  'argument 2',
  'argument 3',
  'argument 4',
  'argument 5',
  'argument 6',
];

/** One fact of a run with a name, in order; two runs are compared fact by fact. */
export interface Fact {
  readonly name: string;
  readonly value: number | string;
}

export interface Problem {
  readonly rule: string;
  /** The instruction, relative to a symbol. */
  readonly place: string;
  readonly detail: string;
}

export interface Outcome {
  readonly facts: readonly Fact[];
  readonly ending: 'done' | 'killed' | Ending['kind'] | 'steps';
  /** Faults of the program, with their instructions. */
  readonly faults: readonly { readonly place: string; readonly what: string }[];
  /** The first rule that the run itself broke. */
  readonly problem: Problem | null;
  readonly reached: readonly number[];
  readonly unmodelled: string | null;
}

/** How two runs of one case differ, in words, but for facts of this name; null when they do not. */
export function difference(
  a: Outcome,
  b: Outcome,
  but: string | null,
): { name: string; detail: string } | null {
  const length = Math.max(a.facts.length, b.facts.length);
  for (let i = 0; i < length; i++) {
    const [one, other] = [a.facts[i], b.facts[i]];
    if (
      one !== undefined &&
      other !== undefined &&
      one.name === other.name &&
      (one.value === other.value || one.name === but)
    )
      continue;
    return { name: one?.name ?? other?.name ?? '', detail: `${text(one)} here, ${text(other)} there` };
  }
  return null;
}

function text(fact: Fact | undefined): string {
  if (fact === undefined) return 'nothing more';
  return `${fact.name} ${typeof fact.value === 'number' ? `0x${(fact.value >>> 0).toString(16)}` : fact.value}`;
}
