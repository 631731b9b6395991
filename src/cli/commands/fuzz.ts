// `sigsweep fuzz`: random cases against the entry code, the cancellation points and the handlers; the smallest that fails.
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { readCorpus, writeCorpus } from '../../fuzz/core/corpus.js';
import { TARGETS, type TargetId } from '../../fuzz/core/target.js';
import { findPlant, PLANTS } from '../../fuzz/plants.js';
import { type FuzzResult, runFuzz } from '../../fuzz/session.js';
import type { FuzzSpec } from '../../fuzz/spec.js';
import { fuzzJson, fuzzText, plantsText } from '../../report/fuzz-text.js';
import { styleFor } from '../../report/style.js';
import { UsageError } from '../errors.js';
import { requireEngine } from '../input.js';
import { EXIT, type Io, writeJson } from '../io.js';

interface FuzzOptions {
  readonly time?: string;
  readonly runs?: string;
  readonly seed: string;
  readonly jobs: string;
  readonly corpus?: string;
  readonly design?: string;
  readonly scenario?: string;
  readonly plant?: string;
  readonly plants?: boolean;
  readonly json?: boolean;
}

const USUAL_SECONDS = 60;

export function addFuzz(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('fuzz')
    .description(
      'random cases against the entry code, the designs and the model; the smallest one that fails',
    )
    .argument('[target]', `${TARGETS.join(', ')} or all`, 'all')
    .option('--time <time>', `how long for each target, such as 90s or 10m (default: ${USUAL_SECONDS}s)`)
    .option(
      '--runs <n>',
      'this many cases for each target, instead of a time: the same seed gives the same bytes',
    )
    .option('--seed <n>', 'where chance begins', '1')
    .option('--jobs <n>', 'worker threads; they change nothing but the time', String(availableParallelism()))
    .option(
      '--corpus <folder>',
      'keep the cases that failed or reached something new there, and begin with them',
    )
    .option('--design <id>', 'for cancel: this design (default: what musl and glibc ship)')
    .option('--scenario <id>', 'for cancel: this scenario (default: those that every point meets)')
    .option('--plant <id>', 'with a known mistake put in, to see it found')
    .option('--plants', 'list the mistakes that --plant takes, and nothing else')
    .option('--json', 'the results for machines')
    .addHelpText(
      'after',
      '\nEnds with 0 without a finding, 1 with one.\n' + 'Example: sigsweep fuzz entry --runs 20000 --seed 7',
    )
    .action(async (target: string, options: FuzzOptions) => done(await fuzz(target, options, io)));
}

export async function fuzz(name: string, options: FuzzOptions, io: Io): Promise<number> {
  if (options.plants === true) {
    io.out(plantsText(PLANTS));
    return EXIT.clean;
  }
  const targets = chosenTargets(name, options.plant);
  const limits = limitsOf(options);
  requireEngine();
  const results: FuzzResult[] = [];
  for (const target of targets) results.push(await fuzzOne(target, options, limits, io));
  if (options.json === true) writeJson(io, fuzzJson(results));
  else io.out(fuzzText(results, styleFor(io.colour)));
  return results.some(({ findings }) => findings.length > 0) ? EXIT.violation : EXIT.clean;
}

function chosenTargets(name: string, plant: string | undefined): TargetId[] {
  const named = TARGETS.find((target) => target === name);
  if (named === undefined && name !== 'all')
    throw new UsageError(`there is no target ${name}; there are ${TARGETS.join(', ')} and all`);
  if (plant === undefined) return named === undefined ? [...TARGETS] : [named];
  const found = findPlant(plant);
  if (found === undefined)
    throw new UsageError(`there is no mistake ${plant} to plant: see sigsweep fuzz --plants`);
  if (named !== undefined && named !== found.target)
    throw new UsageError(`${plant} is a mistake for the target ${found.target}, not ${named}`);
  return [found.target];
}

interface Limits {
  readonly seed: number;
  readonly jobs: number;
  readonly cases: number | null;
  readonly seconds: number;
}

function limitsOf({ time, runs, seed, jobs }: FuzzOptions): Limits {
  if (time !== undefined && runs !== undefined) throw new UsageError('give --time or --runs, not both');
  return {
    seed: wholeNumber('--seed', seed, 0, 2 ** 32 - 1),
    jobs: wholeNumber('--jobs', jobs, 1, 64),
    cases: runs === undefined ? null : wholeNumber('--runs', runs, 1, 1e9),
    seconds: time === undefined ? USUAL_SECONDS : secondsOf(time),
  };
}

function wholeNumber(option: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < from || value > to)
    throw new UsageError(`${option} takes a whole number from ${from} to ${to}, not ${text}`);
  return value;
}

function secondsOf(text: string): number {
  const match = /^(\d{1,5})(s|m|h)$/.exec(text);
  if (match === null) throw new UsageError(`--time takes a number with s, m or h, such as 90s, not ${text}`);
  const unit = { s: 1, m: 60, h: 3600 }[match[2] ?? 's'] ?? 1;
  return Number(match[1]) * unit;
}

async function fuzzOne(target: TargetId, options: FuzzOptions, limits: Limits, io: Io): Promise<FuzzResult> {
  const spec: FuzzSpec = {
    target,
    plant: options.plant ?? null,
    design: options.design ?? null,
    scenario: options.scenario ?? null,
  };
  const corpus = options.corpus === undefined ? [] : readCorpus(options.corpus, target);
  const end = Date.now() + limits.seconds * 1000;
  const result = await runFuzz(spec, {
    ...limits,
    corpus,
    goOn: () => Date.now() < end,
    onRound: ({ cases, found }) => {
      if (io.progress) io.err(`\r${target}: ${cases} cases, ${found.length} findings`);
    },
  });
  if (io.progress) io.err('\n');
  if (options.corpus !== undefined) writeCorpus(options.corpus, target, result);
  return result;
}
