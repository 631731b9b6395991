// What a check is made of and what comes out: plain data that crosses threads, blobs and baselines. The report is the
// read-only model that every reporter gets.
import type { GivenSources } from '../design/types.js';
import type { OwnWindow } from '../explore/own-window.js';
import type { CellVerdict } from '../suite/types.js';
import type { Flavour } from '../vdso/index.js';

/** What stays the same between two versions of the code under test: results are compared key by key. */
export interface TrialKey {
  /** The family of the code (musl, glibc), a design's id, `frames` for frame descriptions, or a file of a folder. */
  readonly code: string;
  readonly scenario: string;
  /** Kind of kernel and way in, such as amd64/syscall. */
  readonly entry: string;
}

/** One version of the code under test, ready to be swept. */
export interface SweepSide {
  readonly kind: 'sweep';
  /** What people call it. */
  readonly label: string;
  readonly libc: string;
  /** Path of the scenario's static executable. */
  readonly program: string;
  readonly design: string;
  /** Assembly laid over it; null for code as it is. */
  readonly given: GivenSources | null;
  /** Offset in the assembly's code -> line; empty where there is none. */
  readonly lines: ReadonlyMap<number, number>;
  /** The program is the user's own, with its window; absent for a scenario's program. */
  readonly own?: OwnWindow;
  /** A patched image. */
  readonly image: { readonly id: string; readonly bytes: Uint8Array; readonly flavour: Flavour };
}

/** A file whose frame descriptions are held against its code. */
export interface FramesSide {
  readonly kind: 'frames';
  readonly label: string;
  readonly bytes: Uint8Array;
  /** Only this function; null for all. */
  readonly only: string | null;
}

export type Side = SweepSide | FramesSide;

export interface TrialSpec {
  readonly key: TrialKey;
  readonly after: Side;
  /** The version to compare with; null without one. */
  readonly before: Side | null;
}

export interface SideResult {
  readonly label: string;
  readonly vdso: string;
  readonly form: string;
  /** Hash of everything that could run. */
  readonly code: string;
  readonly verdict: CellVerdict;
  readonly planned: number;
  readonly executed: number;
  /** Why it is not complete; empty when it is. */
  readonly reasons: readonly string[];
}

export interface CodeLine {
  readonly name: string;
  readonly bytes: string;
  readonly text: string;
  readonly marked: boolean;
}

/** The instruction in its surroundings and what happened, told for the first point. */
export interface Story {
  readonly window: readonly CodeLine[];
  readonly timeline: readonly string[];
}

/** One rule broken at one instruction of one scenario. */
export interface Finding {
  /** 16 hexadecimal digits over rule, scenario, symbol and instruction: no address, no offset. See fingerprint.ts. */
  readonly fingerprint: string;
  readonly rule: string;
  readonly detail: string;
  readonly scenario: string;
  /** Function or label, without an offset. */
  readonly symbol: string;
  /** Such as __cp_end+1. */
  readonly place: string;
  /** AT&T syntax. */
  readonly instruction: string;
  /** In words: `before __cp_end`, `in read, asleep`. */
  readonly where: string;
  /** Points of this finding: how often the instruction was come to. */
  readonly points: number;
  /** Line of the user's assembly, counted from 1; null where there is none. */
  readonly line: number | null;
  readonly story: Story | null;
}

/** `found`: there was nothing to compare with. */
export type Status = 'found' | 'new' | 'fixed' | 'unchanged' | 'not comparable';

export interface ComparedFinding extends Finding {
  readonly status: Status;
}

export interface Trial {
  readonly key: TrialKey;
  readonly after: SideResult;
  readonly before: SideResult | null;
  readonly findings: readonly ComparedFinding[];
}

export type CheckVerdict = 'clean' | 'violation' | 'incomplete';

export interface CheckReport {
  /** What was checked, in words. */
  readonly what: string;
  /** What it was compared with; null for nothing. */
  readonly against: string | null;
  /** File of the user's that findings are shown in; null without one. */
  readonly file: string | null;
  readonly trials: readonly Trial[];
  /** What could not be built or run, a line each: with one of these a report is never complete. */
  readonly gaps: readonly string[];
  readonly verdict: CheckVerdict;
}
