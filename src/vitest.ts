// Matchers for vitest: import 'sigsweep/vitest' in a test or a set-up file. They take a cell of runCell or sweep, the run
// of a token, the answer or report of a check, or a promise of one of them.
import { expect } from 'vitest';
import type { CheckAnswer } from './check/api.js';
import type { CheckReport } from './check/types.js';
import type { TokenRun } from './fuzz/run-token.js';
import type { RuleId } from './rules/types.js';
import type { CellResult } from './suite/types.js';
import { verdictOf } from './suite/types.js';

type Judged = CellResult | CheckReport | CheckAnswer | TokenRun;

/** Where a violation is expected: the symbol, or symbol and offset, of the instruction. */
export interface Where {
  readonly at?: string;
}

interface Broken {
  readonly rule: string;
  readonly place: string;
  readonly detail: string;
}

interface Facts {
  readonly complete: boolean;
  readonly why: string;
  readonly broken: readonly Broken[];
}

function fromCell(cell: CellResult): Facts {
  if (cell.kind === 'skipped') return { complete: false, why: `skipped: ${cell.reason}`, broken: [] };
  const broken = cell.points.flatMap(({ verdict, place }) =>
    verdict.kind === 'violation'
      ? verdict.violations.map(({ rule, detail }) => ({ rule, detail, place: place.name }))
      : [],
  );
  const verdict = verdictOf(cell);
  return { complete: verdict === 'clean' || verdict === 'violation', why: verdict, broken };
}

function fromReport({ trials, gaps, verdict }: CheckReport): Facts {
  const broken = trials.flatMap(({ findings }) =>
    findings.filter(({ status }) => status === 'new' || status === 'found'),
  );
  const reasons = [...gaps, ...trials.flatMap(({ after }) => after.reasons)];
  return { complete: verdict !== 'incomplete', why: reasons.join('; '), broken };
}

function factsOf(judged: Judged): Facts {
  if ('kind' in judged && judged.kind === 'run') {
    const { verdict, why, broken } = judged;
    return { complete: verdict !== 'inconclusive', why, broken };
  }
  if ('ok' in judged)
    return judged.ok ? fromReport(judged.report) : { complete: false, why: judged.reason, broken: [] };
  return 'trials' in judged ? fromReport(judged) : fromCell(judged);
}

function listed(broken: readonly Broken[]): string {
  const lines = broken.slice(0, 5).map(({ rule, place, detail }) => `  ${rule} at ${place}: ${detail}`);
  const more = broken.length - lines.length;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

expect.extend({
  /** Every point was run and judged, and no rule is broken (for a comparison: newly broken). */
  async toBeClean(received: Judged | Promise<Judged>) {
    const { complete, why, broken } = factsOf(await received);
    const pass = complete && broken.length === 0;
    const message = () => {
      if (pass) return 'expected a rule to be broken, and every rule holds';
      return broken.length > 0
        ? `expected every rule to hold:\n${listed(broken)}`
        : `expected a complete result: ${why}`;
    };
    return { pass, message };
  },
  /** The rule is broken, and with `at` at that instruction among others. */
  async toViolate(received: Judged | Promise<Judged>, rule: RuleId | 'unwind', { at }: Where = {}) {
    const { why, broken } = factsOf(await received);
    const mine = broken.filter((one) => one.rule === rule);
    const pass = mine.some(
      ({ place }) => at === undefined || place === at || place.replace(/\+\w+$/, '') === at,
    );
    const where = at === undefined ? '' : ` at ${at}`;
    const message = () =>
      pass
        ? `expected ${rule} to hold${where}:\n${listed(mine)}`
        : `expected ${rule} to be broken${where}; broken is${broken.length === 0 ? ` nothing (${why})` : `:\n${listed(broken)}`}`;
    return { pass, message };
  },
});

interface SweepMatchers<R> {
  toBeClean: () => Promise<R>;
  toViolate: (rule: RuleId | 'unwind', where?: Where) => Promise<R>;
}

declare module 'vitest' {
  interface Matchers<T> extends SweepMatchers<T> {}
}
