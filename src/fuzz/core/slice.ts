// A slice of a fuzz: a fixed number of cases from one seed and one corpus. Slices know nothing of each other, so they can
// be run by any number of workers, in any order, with the same results.
import { Draws } from './draws.js';
import { mutate } from './mutate.js';
import { Random } from './random.js';
import { type CaseResult, COMPARED, type Finding, findingKey, type Target } from './target.js';

export interface SliceRequest {
  readonly seed: number;
  /** Number of the slice in the fuzz. */
  readonly slice: number;
  readonly cases: number;
  /** Cases worth building on, as the rounds before have left them. */
  readonly corpus: readonly (readonly number[])[];
}

export interface KeptCase {
  readonly draws: readonly number[];
  readonly reached: readonly number[];
}

export interface FoundCase {
  readonly draws: readonly number[];
  readonly finding: Finding;
}

export interface SliceResult {
  readonly cases: number;
  readonly runs: number;
  /** Cases that reached what no earlier one of the slice had, in order. */
  readonly novel: readonly KeptCase[];
  /** The first case of each finding, and how many there were. */
  readonly found: readonly (FoundCase & { readonly times: number })[];
  /** Reasons for which cases could not be judged, with their numbers, in order of the reasons. */
  readonly inconclusive: readonly Counted[];
  /** Cases compared with this machine's kernel, and reasons for which some were not. */
  readonly hardware: { readonly compared: number; readonly skipped: readonly Counted[] };
}

/** A reason with how often it was given. */
export type Counted = readonly [reason: string, times: number];

export class Tally {
  private readonly times = new Map<string, number>();

  add(reason: string, times = 1): void {
    this.times.set(reason, (this.times.get(reason) ?? 0) + times);
  }

  /** In order of the reasons. */
  counted(): Counted[] {
    return [...this.times].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

export const TOOL_FAULT = 'tool-fault';

/** Runs a case; an exception is a fault of the tool, which is a finding like others. */
export function runCase(target: Target, draws: Draws): CaseResult {
  try {
    return target.run(draws);
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const place = text.replace(/0x[0-9a-f]+|\d+/g, 'N').slice(0, 80);
    return { runs: 1, reached: [], finding: { rule: TOOL_FAULT, place, detail: text }, inconclusive: null };
  }
}

/**
 * Half of the cases are new ones, as long as there is something to build the other half on. All begin with `home`, and so
 * do those that are built on.
 */
function nextDraws(home: readonly number[], known: readonly (readonly number[])[], random: Random): Draws {
  if (known.length === 0 || random.below(2) === 0) return new Draws(home, random);
  const pick = (): readonly number[] => (known[random.below(known.length)] ?? []).slice(home.length);
  return new Draws([...home, ...mutate(pick(), pick(), random)], random);
}

function startsWith(draws: readonly number[], home: readonly number[]): boolean {
  return home.every((value, i) => draws[i] === value);
}

export function runSlice(target: Target, { seed, slice, cases, corpus }: SliceRequest): SliceResult {
  const random = new Random(seed, slice);
  const home = target.home(random);
  const known = corpus.filter((draws) => startsWith(draws, home));
  const reached = new Set<number>();
  const novel: KeptCase[] = [];
  const found = new Map<string, FoundCase & { times: number }>();
  const inconclusive = new Tally();
  const skipped = new Tally();
  let compared = 0;
  let runs = 0;
  for (let i = 0; i < cases; i++) {
    // The first slice begins with the corpus as it is: what failed before is tried first.
    const again = slice === 0 ? corpus[i] : undefined;
    const draws = again === undefined ? nextDraws(home, known, random) : new Draws(again);
    const result = runCase(target, draws);
    runs += result.runs;
    const fresh = [...new Set(result.reached)].filter((one) => !reached.has(one));
    if (fresh.length > 0 && result.finding === null) {
      for (const one of fresh) reached.add(one);
      novel.push({ draws: draws.taken, reached: fresh });
      known.push(draws.taken);
    }
    if (result.inconclusive !== null) inconclusive.add(result.inconclusive);
    if (result.hardware === COMPARED) compared++;
    else if (result.hardware !== undefined) skipped.add(result.hardware.skipped);
    if (result.finding !== null) note(found, { draws: draws.taken, finding: result.finding });
  }
  return {
    cases,
    runs,
    novel,
    found: [...found.values()],
    inconclusive: inconclusive.counted(),
    hardware: { compared, skipped: skipped.counted() },
  };
}

function note(found: Map<string, FoundCase & { times: number }>, one: FoundCase): void {
  const key = findingKey(one.finding);
  const known = found.get(key);
  if (known === undefined) found.set(key, { ...one, times: 1 });
  else known.times++;
}
