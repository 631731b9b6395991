// Types of facts.mjs, for the TypeScript that uses it.
export interface Fact {
  readonly id: string;
  readonly what: string;
  readonly state: 'ok' | 'missing' | 'skipped';
  readonly detail: string;
  /** A command that gets it; '' when there is nothing to do. */
  readonly fix: string;
}
export declare const facts: () => Fact[];
