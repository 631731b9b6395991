// Types of ci-summary.mjs, for the TypeScript that uses it.
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
export declare const countTests: (text: string) => Counts;
export declare const summaryLine: (counts: Counts) => string;
