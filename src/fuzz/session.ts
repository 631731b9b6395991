// One fuzz of one target from its first case to the shrunk findings, over as many workers as wanted.
import { Tinypool } from 'tinypool';
import { Draws } from './core/draws.js';
import { type FuzzReport, fuzz } from './core/engine.js';
import { shrink } from './core/shrink.js';
import { runCase, type SliceRequest, type SliceResult, TOOL_FAULT } from './core/slice.js';
import { type Finding, findingKey, type Target } from './core/target.js';
import { type FuzzSpec, makeTarget, slice } from './spec.js';

export interface SmallestCase {
  readonly finding: Finding;
  readonly times: number;
  /** What the first case was made of, and what is left of it. */
  readonly draws: number;
  readonly smallest: readonly number[];
  /** Cases run to get there. */
  readonly tried: number;
  /** null where the tool itself fails, so that there is nothing to replay with. */
  readonly token: string | null;
}

export interface FuzzResult {
  readonly spec: FuzzSpec;
  readonly seed: number;
  readonly report: FuzzReport;
  readonly findings: readonly SmallestCase[];
  /** Findings that were not shrunk, since there were too many. */
  readonly more: number;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly cases: number | null;
  readonly goOn: () => boolean;
  readonly jobs: number;
  readonly corpus: readonly (readonly number[])[];
  readonly onRound?: (report: FuzzReport) => void;
}

/** Some tenths of a second each. */
const CASES_PER_SLICE = { entry: 250, cancel: 200, sigreturn: 250, image: 200 };
const FINDINGS_MAX = 12;

export async function runFuzz(spec: FuzzSpec, options: FuzzOptions): Promise<FuzzResult> {
  const { seed, cases, goOn, jobs, corpus, onRound } = options;
  const pool = jobs > 1 ? startPool(jobs) : null;
  try {
    const report = await fuzz({
      seed,
      cases,
      goOn,
      corpus,
      casesPerSlice: CASES_PER_SLICE[spec.target],
      runSlices: async (requests: readonly SliceRequest[]) =>
        pool === null
          ? requests.map((request) => slice({ spec, request }))
          : Promise.all(requests.map((request) => pool.run({ spec, request }) as Promise<SliceResult>)),
      ...(onRound === undefined ? {} : { onRound }),
    });
    const { findings, more } = smallest(spec, report);
    return { spec, seed, report, findings, more };
  } finally {
    await pool?.destroy();
  }
}

function startPool(jobs: number): Tinypool {
  return new Tinypool({
    filename: new URL('./spec.js', import.meta.url).href,
    name: 'slice',
    runtime: 'worker_threads',
    minThreads: jobs,
    maxThreads: jobs,
  });
}

function smallest(spec: FuzzSpec, { found }: FuzzReport): { findings: SmallestCase[]; more: number } {
  const taken = found.slice(0, FINDINGS_MAX);
  if (taken.length === 0) return { findings: [], more: 0 };
  const target = guarded(makeTarget(spec));
  try {
    const findings = taken.map(({ finding, draws, times }): SmallestCase => {
      const { draws: left, tried } = shrink(target, draws, findingKey(finding));
      const again = new Draws(left);
      const shown = target.run(again).finding ?? finding;
      const token = finding.rule === TOOL_FAULT ? null : target.token(again);
      return { finding: shown, times, draws: draws.length, smallest: left, tried, token };
    });
    return { findings, more: found.length - taken.length };
  } finally {
    target.close();
  }
}

/** Faults of the tool as findings, so that they can be shrunk. */
function guarded(target: Target): Target {
  return {
    id: target.id,
    home: (random) => target.home(random),
    run: (draws) => runCase(target, draws),
    token: (draws) => target.token(draws),
    close: () => target.close(),
  };
}
