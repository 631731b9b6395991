import type { RunRecord } from '../world/record.js';
import type { Facts } from './facts.js';

/** One thing that must hold in every run. */
export interface Rule {
  readonly id: RuleId;
  readonly statement: string;
  /** Why, with its source. */
  readonly reason: string;
  /** What is wrong in this run, in words; null when the rule holds. */
  readonly check: (run: RunRecord, facts: Facts) => string | null;
}

export type RuleId =
  | 'no-lost-cancel'
  | 'no-lost-effect'
  | 'no-phantom-effect'
  | 'act-once'
  | 'no-recursion'
  | 'registers'
  | 'no-fault'
  | 'bounded'
  | 'disabled-untouched'
  | 'restart'
  | 'unwind'
  | 'sticky-1'
  | 'sticky-2'
  | 'sticky-3'
  | 'sticky-4'
  | 'sticky-5'
  | 'sticky-6'
  | 'program-end';

export interface Violation {
  readonly rule: RuleId;
  readonly detail: string;
}

/** A run is judged by all rules; what cannot be judged is never a pass. */
export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'violation'; readonly violations: readonly Violation[] }
  | { readonly kind: 'inconclusive'; readonly reason: string };
