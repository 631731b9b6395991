// `sigsweep check`: a version of the code, given in one of several ways, compared with what was there before.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { baselineOf, baselineText } from '../../check/baseline.js';
import { parseShard, type Shard } from '../../check/blob.js';
import { BlobError, runCheck } from '../../check/run.js';
import type { CheckReport } from '../../check/types.js';
import { REPORTERS } from '../../report/reporters/index.js';
import { readBaselineFile } from '../check/baseline.js';
import { type CheckInputs, planFor } from '../check/inputs.js';
import { reportCheck } from '../check/output.js';
import { InputError, UsageError } from '../errors.js';
import { requireEngine } from '../input.js';
import { EXIT, type Io } from '../io.js';

interface CheckOptions extends CheckInputs {
  readonly reporter: string[];
  readonly save?: string;
  readonly baseline?: string;
  readonly shard?: string;
  readonly blob?: string;
  readonly jobs: string;
}

export function addCheck(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('check')
    .description(
      'a patch, an assembly file, a C library, a vDSO or a program: what got better, what got worse, and where',
    )
    .argument('[folder]', 'a folder of regression files, NAME.S with NAME.expected')
    .option('--asm <file>', 'an assembly file, with --replaces')
    .option(
      '--replaces <symbol>',
      'the function that --asm replaces, such as __syscall_cp_asm or __kernel_vsyscall',
    )
    .option('--libc <which>', 'a libc.a, a folder with one, or the id of a shipped C library')
    .option(
      '--vdso <which...>',
      'a vdso32.so, bzImage or vmlinux; or ids of shipped images for the sweeps ("all")',
    )
    .option('--patch <file>', 'a patch in unified format, with --tree')
    .option('--tree <folder>', 'the source tree that --patch is for; it is only read')
    .option('--program <file>', 'a static executable of your own, with --window')
    .option(
      '--window <start..end>',
      'where its window begins and ends: two of its symbols, as NAME or NAME+OFFSET',
    )
    .option(
      '--signal <name>',
      'send --program this signal; without it its own pthread_cancel is what strikes',
    )
    .option('--arg <word...>', 'arguments for --program')
    .option('--scenario <id...>', 'these scenarios; default: those that every cancellation point meets')
    .option('--save <file>', 'write what was found as a baseline')
    .option('--baseline <file>', 'compare with a baseline, or with that of a shipped library by its id')
    .option(
      '--reporter <name...>',
      `how results are told: ${[...REPORTERS.keys()].join(', ')}; NAME=FILE writes to a file`,
      ['text'],
    )
    .option('--shard <n/m>', 'run only the n-th of m parts of the plan')
    .option('--blob <file>', 'keep the results of this shard there, and go on from those that are')
    .option('--jobs <n>', 'worker threads', String(availableParallelism()))
    .addHelpText(
      'after',
      '\nEnds with 0 when nothing got worse, 1 when a rule is newly broken (or, without a comparison, broken at all), 2 when\n' +
        'something could not be judged or compared.\n' +
        'Example: sigsweep check --asm syscall_cp.S --replaces __syscall_cp_asm',
    )
    .action(async (folder: string | undefined, options: CheckOptions) =>
      done(await check(folder, options, io)),
    );
}

async function check(folder: string | undefined, options: CheckOptions, io: Io): Promise<number> {
  const outputs = reportersOf(options.reporter);
  const shard = shardOf(options.shard);
  const { plan, finish } = planFor(folder, options);
  const baseline = options.baseline === undefined ? undefined : readBaselineFile(options.baseline);
  requireEngine();
  const report = finish(await run());
  if (options.save !== undefined) writeFileSync(options.save, baselineText(baselineOf(report)));
  reportCheck(report, outputs, io);
  return exitOf(report);

  async function run(): Promise<CheckReport> {
    const jobs = jobsOf(options.jobs);
    const onTrial = (count: number, total: number) => {
      if (io.progress) io.err(`\r${count} of ${total} trials${count === total ? '\n' : ''}`);
    };
    try {
      return await runCheck(plan, {
        ...{ jobs, onTrial },
        ...(baseline === undefined ? {} : { baseline }),
        ...(shard === undefined ? {} : { shard }),
        ...(options.blob === undefined ? {} : { blob: options.blob }),
      });
    } catch (error) {
      if (error instanceof BlobError) throw new InputError(error.message);
      throw error;
    }
  }
}

export function exitOf({ verdict }: CheckReport): number {
  return { clean: EXIT.clean, violation: EXIT.violation, incomplete: EXIT.inconclusive }[verdict];
}

export interface Output {
  readonly name: string;
  /** Null for standard output. */
  readonly file: string | null;
}

export function reportersOf(words: readonly string[]): Output[] {
  const outputs = words.map((word): Output => {
    const [name = '', ...file] = word.split('=');
    if (!REPORTERS.has(name))
      throw new UsageError(`no reporter ${name}; there are ${[...REPORTERS.keys()].join(', ')}`);
    return { name, file: file.length > 0 ? file.join('=') : null };
  });
  if (outputs.filter(({ file }) => file === null).length > 1)
    throw new UsageError(
      'only one reporter can write to standard output: give the others a file, as junit=results.xml',
    );
  return outputs;
}

export function shardOf(text: string | undefined): Shard | undefined {
  if (text === undefined) return undefined;
  const shard = parseShard(text);
  if (shard === null) throw new UsageError(`--shard ${text}: expected N/M with N from 1 to M, such as 2/8`);
  return shard;
}

export function jobsOf(text: string): number {
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new UsageError(`--jobs ${text}: expected a whole number from 1 on`);
  return jobs;
}
