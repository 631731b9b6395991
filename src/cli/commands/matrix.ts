// `sigsweep matrix`: the survey, every design on every form of the vDSO in every scenario.
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { DESIGNS } from '../../design/designs.js';
import { SCENARIOS, USUAL_SCENARIOS } from '../../explore/scenarios.js';
import { cellsJson } from '../../report/json.js';
import { matrixText } from '../../report/matrix-text.js';
import { styleFor } from '../../report/style.js';
import { allImages, allLibcs } from '../../suite/catalog.js';
import type { DiffRequest } from '../../suite/diff.js';
import {
  DEFAULT_DESIGNS,
  DEFAULT_LIBCS,
  defaultImages,
  type MatrixRequest,
  planMatrix,
} from '../../suite/plan.js';
import { runCells } from '../../suite/pool.js';
import { runSharing } from '../../suite/share.js';
import { type CellId, type CellResult, verdictOf } from '../../suite/types.js';
import { choicesText, sweepChoices } from '../choices.js';
import { UsageError } from '../errors.js';
import { requireEngine } from '../input.js';
import { EXIT, type Io, writeJson } from '../io.js';
import { matrixDiff, versionsOf } from './matrix-diff.js';
import { explain } from './matrix-explain.js';
import { matrixPairs } from './matrix-pairs.js';

interface MatrixOptions {
  readonly design?: string[];
  readonly scenario?: string[];
  readonly vdso?: string[];
  readonly libc?: string[];
  readonly jobs: string;
  readonly merge: boolean;
  readonly json?: boolean;
  readonly failOnViolation?: boolean;
  readonly list?: boolean;
  readonly explain?: string;
  readonly pairs?: string;
  readonly diff?: string[];
  readonly share: boolean;
  readonly unwind?: true;
}

const AFTER = `
The matrix is a survey: it ends with 0 when it is complete, whatever it found, and with 2 when it is not.
Examples: sigsweep matrix --design naive-vdso --scenario read-empty nanosleep --fail-on-violation
          sigsweep matrix --explain naive-vdso+read-empty`;

export function addMatrix(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('matrix')
    .description('designs x vDSO forms x scenarios: one table of verdicts, the finding behind every red cell')
    .option('--design <id...>', 'these designs, or "all"; default: the ten of 2016, and sticky-working')
    .option('--scenario <id...>', 'these scenarios, "usual" (what every point meets) or "all" (the default)')
    .option('--vdso <id...>', 'these vDSO images, or "all"; default: one for each form')
    .option('--libc <id...>', 'these C libraries, or "all"; default: one for each design')
    .option('--explain <cell>', 'the story of one cell, DESIGN+SCENARIO: its smallest case')
    .option('--pairs <handler>', 'two deliveries: a signal of the program’s own too, see "sigsweep pairs"')
    .option(
      '--diff <version...>',
      'two C libraries, or two vDSO images: what changed from the first to the second',
    )
    .option('--unwind', 'also unwind from every instruction that is executed: the rule unwind, in every cell')
    .option('--no-share', 'sweep every cell, also where another one executes the same code')
    .option('--no-merge', 'run every point to its end, also from a state that was judged before')
    .option('--jobs <n>', 'worker threads', String(availableParallelism()))
    .option('--json', 'the results for machines, on stdout')
    .option('--fail-on-violation', 'exit with 1 when a rule is broken; by default the matrix is a survey')
    .option('--list', 'what --design, --scenario, --vdso and --libc can be, and nothing else')
    .addHelpText('after', AFTER)
    .action(async (options: MatrixOptions) => done(await matrix(options, io)));
}

export async function matrix(options: MatrixOptions, io: Io): Promise<number> {
  if (options.list === true) return list(options.json === true, io);
  if (options.explain !== undefined)
    return explain(options.explain, { images: imagesFor(options.vdso), libcs: libcsFor(options.libc) }, io);
  const jobs = Number(options.jobs);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64)
    throw new UsageError(`--jobs takes a number from 1 to 64, not ${options.jobs}`);
  const onCell = (count: number, total: number) => {
    if (io.progress) io.err(`\r${count}/${total} sweeps${count === total ? '\n' : ''}`);
  };
  const { merge, unwind } = options;
  if (unwind === true && (options.diff !== undefined || options.pairs !== undefined))
    throw new UsageError('--unwind is for the plain table: leave out --diff and --pairs, or --unwind');
  const sweepAll = (ids: readonly CellId[]) =>
    (options.share ? runSharing : runCells)(ids, { jobs, onCell, merge });
  if (options.diff !== undefined)
    return matrixDiff(diffRequest(options, options.diff), options, sweepAll, io);
  if (options.pairs !== undefined) {
    const request = pairsRequest(options);
    return matrixPairs(request, { ...options, handler: options.pairs, jobs, onCell }, io);
  }
  const planned = planMatrix({
    designs: designsFor(options.design ?? DEFAULT_DESIGNS),
    scenarios: scenariosFor(options.scenario ?? ['all']),
    images: imagesFor(options.vdso),
    libcs: libcsFor(options.libc),
  });
  if (!planned.ok) throw new UsageError(`${planned.reason} (all names: sigsweep matrix --list)`);
  requireEngine();
  // Images that share their code need not share its descriptions: nothing is shared where those are judged.
  const cells = await (unwind === true
    ? runCells(
        planned.ids.map((id) => ({ ...id, unwind })),
        { jobs, onCell, merge },
      )
    : sweepAll(planned.ids));
  const used = new Set(planned.ids.map(({ design }) => design));
  const scenarios = SCENARIOS.filter(({ id }) => planned.ids.some(({ scenario }) => scenario === id));
  const designs = planned.designs.filter(({ id }) => used.has(id));
  io.out(
    options.json === true
      ? cellsJson(cells, false)
      : matrixText({ cells, designs, scenarios }, styleFor(io.colour)),
  );
  return exitCode(cells, options.failOnViolation === true);
}

function list(json: boolean, io: Io): number {
  const choices = sweepChoices();
  if (json) writeJson(io, { ...choices });
  else io.out(choicesText(choices, styleFor(io.colour)));
  return EXIT.clean;
}

function diffRequest({ design, scenario, vdso, libc }: MatrixOptions, names: readonly string[]): DiffRequest {
  return {
    ...versionsOf(names),
    ...(design === undefined ? {} : { designs: designsFor(design) }),
    scenarios: scenariosFor(scenario ?? ['usual']),
    ...(vdso === undefined ? {} : { images: imagesFor(vdso) }),
    libcs: libcsFor(libc ?? DEFAULT_LIBCS.slice(0, 1)),
  };
}

/** Tens of thousands of pairs a cell: one scenario and one image unless more are named. */
function pairsRequest({ design, scenario, vdso, libc }: MatrixOptions): MatrixRequest {
  return {
    designs: designsFor(design ?? DEFAULT_DESIGNS),
    scenarios: scenariosFor(scenario ?? ['read-empty']),
    images: vdso === undefined ? defaultImages().slice(0, 1) : imagesFor(vdso),
    libcs: libcsFor(libc),
  };
}

function libcsFor(wanted: readonly string[] = DEFAULT_LIBCS): string[] {
  return wanted.includes('all') ? allLibcs() : [...wanted];
}

function designsFor(wanted: readonly string[]): string[] {
  return wanted.includes('all') ? DESIGNS.map(({ id }) => id) : [...wanted];
}

function scenariosFor(wanted: readonly string[]): string[] {
  if (wanted.includes('all')) return SCENARIOS.map(({ id }) => id);
  return wanted.flatMap((name) => (name === 'usual' ? USUAL_SCENARIOS.map(({ id }) => id) : [name]));
}

function imagesFor(wanted: readonly string[] | undefined): string[] {
  if (wanted === undefined) return defaultImages();
  return wanted.includes('all') ? allImages().map(({ id }) => id) : [...wanted];
}

/** A survey is clean when it is complete, whatever it found. */
export function exitCode(cells: readonly CellResult[], failOnViolation: boolean): number {
  const verdicts = cells.map(verdictOf);
  if (failOnViolation && verdicts.includes('violation')) return EXIT.violation;
  const complete = verdicts.every((verdict) => verdict === 'clean' || verdict === 'violation');
  return complete && verdicts.length > 0 ? EXIT.clean : EXIT.inconclusive;
}
