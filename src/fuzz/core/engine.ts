// The fuzz: rounds of slices. Each slice starts from the corpus that the rounds before have left, and what it brings is
// taken over in the order of the slices: how many workers there are, and which is first, changes nothing.
import { type Counted, type SliceRequest, type SliceResult, Tally } from './slice.js';
import { type Finding, findingKey } from './target.js';

export interface FuzzPlan {
  readonly seed: number;
  readonly casesPerSlice: number;
  /** Cases after which it ends; null: when `goOn` says so, at the end of a round. */
  readonly cases: number | null;
  readonly goOn: () => boolean;
  /** Cases to begin with: those that failed first. */
  readonly corpus: readonly (readonly number[])[];
  /** Runs slices, in any order, and gives their results in theirs. */
  readonly runSlices: (requests: readonly SliceRequest[]) => Promise<readonly SliceResult[]>;
  readonly onRound?: (report: FuzzReport) => void;
}

export interface FoundOnce {
  readonly finding: Finding;
  readonly draws: readonly number[];
  readonly times: number;
}

export interface FuzzReport {
  readonly cases: number;
  readonly runs: number;
  /** Different things reached; see CaseResult. */
  readonly reached: number;
  /** Cases that reached something new, in order. */
  readonly corpus: readonly (readonly number[])[];
  /** In order of their first case. */
  readonly found: readonly FoundOnce[];
  readonly inconclusive: readonly Counted[];
  readonly hardware: SliceResult['hardware'];
}

const SLICES_PER_ROUND = 8;

/** Which slices a round has: whole ones, but for the last of a fuzz with a given number of cases. */
function roundOf(plan: FuzzPlan, first: number, corpus: readonly (readonly number[])[]): SliceRequest[] {
  const requests: SliceRequest[] = [];
  for (let slice = first; slice < first + SLICES_PER_ROUND; slice++) {
    const left = plan.cases === null ? Infinity : plan.cases - slice * plan.casesPerSlice;
    if (left <= 0) break;
    requests.push({ seed: plan.seed, slice, cases: Math.min(plan.casesPerSlice, left), corpus });
  }
  return requests;
}

class Collected {
  cases = 0;
  runs = 0;
  readonly reached = new Set<number>();
  readonly corpus: (readonly number[])[];
  readonly found = new Map<string, FoundOnce>();
  readonly inconclusive = new Tally();
  readonly skipped = new Tally();
  compared = 0;

  constructor(corpus: readonly (readonly number[])[]) {
    this.corpus = [...corpus];
  }

  add(result: SliceResult): void {
    this.cases += result.cases;
    this.runs += result.runs;
    for (const { draws, reached } of result.novel) {
      const fresh = reached.filter((one) => !this.reached.has(one));
      for (const one of fresh) this.reached.add(one);
      if (fresh.length > 0) this.corpus.push(draws);
    }
    for (const one of result.found) {
      const key = findingKey(one.finding);
      const known = this.found.get(key);
      this.found.set(key, known === undefined ? one : { ...known, times: known.times + one.times });
    }
    for (const [reason, times] of result.inconclusive) this.inconclusive.add(reason, times);
    for (const [reason, times] of result.hardware.skipped) this.skipped.add(reason, times);
    this.compared += result.hardware.compared;
  }

  report(): FuzzReport {
    return {
      cases: this.cases,
      runs: this.runs,
      reached: this.reached.size,
      corpus: this.corpus,
      found: [...this.found.values()],
      inconclusive: this.inconclusive.counted(),
      hardware: { compared: this.compared, skipped: this.skipped.counted() },
    };
  }
}

export async function fuzz(plan: FuzzPlan): Promise<FuzzReport> {
  const collected = new Collected(plan.corpus);
  for (let slice = 0; plan.cases !== null || plan.goOn(); slice += SLICES_PER_ROUND) {
    const requests = roundOf(plan, slice, [...collected.corpus]);
    if (requests.length === 0) break;
    for (const result of await plan.runSlices(requests)) collected.add(result);
    plan.onRound?.(collected.report());
  }
  return collected.report();
}
