// Types of apt.mjs, for the TypeScript that uses it.
import type { Source } from './sources.mjs';

export interface Candidate {
  readonly package: string;
  readonly version: string;
  readonly architecture: string;
  /** bytes */
  readonly size: number;
  readonly sha256: string;
}
export interface Suite {
  readonly find: (prefix: string, wanted: RegExp) => Candidate[];
  readonly download: (candidate: Candidate) => string;
  readonly drop: () => void;
}
export declare const parseRecords: (text: string) => Candidate[];
export declare const parseSourceRecords: (text: string) => Candidate[];
export declare const openSuite: (base: string, source: Source, suite: string, architecture: string) => Suite;
