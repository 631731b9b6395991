// What can be fuzzed: something that makes a case of draws, runs it, and says what is wrong with what happened.
import type { Draws } from './draws.js';
import type { Random } from './random.js';

export const TARGETS = ['entry', 'cancel', 'sigreturn', 'image'] as const;
export type TargetId = (typeof TARGETS)[number];

/** Something that must not be. Two findings with the same rule at the same place are one. */
export interface Finding {
  /** The rule or oracle that is broken. */
  readonly rule: string;
  /** The guilty instruction or place, without anything that changes from case to case. */
  readonly place: string;
  readonly detail: string;
}

export interface CaseResult {
  /** Runs of the emulated program, or inputs given to a command. */
  readonly runs: number;
  /** What the case reached, as 32-bit numbers: a case that reaches something new is kept and built on. */
  readonly reached: Iterable<number>;
  readonly finding: Finding | null;
  /** Why it could not be judged; null when it was. */
  readonly inconclusive: string | null;
  /** The case was for this machine's kernel as well: compared with it, or why not. */
  readonly hardware?: typeof COMPARED | { readonly skipped: string };
}

export const COMPARED = 'compared';

export interface Target {
  readonly id: TargetId;
  /** The same draws give the same result, whatever was run before. */
  run(draws: Draws): CaseResult;
  /** The decisions that all cases of a slice begin with, where another beginning costs much; 0 numbers where it does not. */
  readonly home: (random: Random) => readonly number[];
  /** What `sigsweep replay` takes to run exactly this case; null where the decisions are all there is. */
  token(draws: Draws): string | null;
  /** Gives worlds and files back. */
  close(): void;
}

export function findingKey({ rule, place }: Finding): string {
  return `${rule} at ${place}`;
}
