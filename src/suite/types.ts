import type { Moment } from '../explore/points.js';
import type { HandlerId } from '../explore/scenarios.js';
import type { Verdict } from '../rules/types.js';
import type { UnwindReport } from './unwinding.js';

/** One square of the matrix, by the names people use. */
export interface CellId {
  readonly libc: string;
  readonly design: string;
  /** An image with its CPU, such as 6.1-686/sysenter. */
  readonly vdso: string;
  readonly scenario: string;
  /** The program's own signal handler; absent without one. */
  readonly handler?: HandlerId;
  /** The rule `unwind` is on: every instruction is looked at. */
  readonly unwind?: true;
}

/** An address with the best name there is for it. */
export interface Place {
  readonly address: number;
  /** Such as __kernel_vsyscall+3. */
  readonly name: string;
  readonly object: 'program' | 'overlay' | 'vdso' | 'unknown';
}

export interface PointResult {
  readonly index: number;
  readonly moment: Moment;
  readonly place: Place;
  /** Name of the call for the kernel's moments. */
  readonly call: string | null;
  readonly verdict: Verdict;
}

/** A sweep's answer, as plain data that can cross threads and files. */
export type CellResult =
  | {
      readonly kind: 'swept';
      readonly id: CellId;
      readonly form: string;
      readonly cpu: string;
      /** Hash of the code that was swept; part of every token. */
      readonly code: string;
      readonly planned: number;
      readonly executed: number;
      /** Executed points whose run ended at a state that was judged before: its verdict is theirs. */
      readonly merged: number;
      /** Facts that the scenario promised and the run without a cancellation did not show. */
      readonly missing: readonly string[];
      readonly points: readonly PointResult[];
      /** What unwinding gave at each instruction; absent where the rule `unwind` is off. */
      readonly unwinding?: UnwindReport;
      /** The cell that was swept for this one too, as both execute the same code; absent when it was swept itself. */
      readonly sameCodeAs?: CellId;
    }
  | { readonly kind: 'skipped'; readonly id: CellId; readonly reason: string };

/** `incomplete` is never a pass: the window was not reached, or not every planned point was run. */
export type CellVerdict = 'clean' | 'violation' | 'inconclusive' | 'incomplete' | 'skipped';

export function verdictOf(cell: CellResult): CellVerdict {
  if (cell.kind === 'skipped') return 'skipped';
  if (cell.points.some(({ verdict }) => verdict.kind === 'violation')) return 'violation';
  if (cell.missing.length > 0 || cell.planned !== cell.executed || cell.executed === 0) return 'incomplete';
  return cell.points.some(({ verdict }) => verdict.kind === 'inconclusive') ? 'inconclusive' : 'clean';
}

export function violating(cell: CellResult): PointResult[] {
  return cell.kind === 'swept' ? cell.points.filter(({ verdict }) => verdict.kind === 'violation') : [];
}
