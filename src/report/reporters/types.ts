// What a reporter is: a function from the read-only report of a check to text. What each needs of the outside is here.
import type { CheckReport } from '../../check/types.js';

export interface ReporterContext {
  readonly version: string;
  readonly colour: boolean;
  /** Statement and reason of every rule, by its id. */
  readonly rules: ReadonlyMap<string, { readonly statement: string; readonly reason: string }>;
}

export type Reporter = (report: CheckReport, context: ReporterContext) => string;
