// `sigsweep merge`: the blobs of all shards of a check become the report of the whole.
import type { Command } from 'commander';
import * as v from 'valibot';
import { mergeBlobs, parseBlob } from '../../check/blob.js';
import { checkReport } from '../../check/run.js';
import { readTrial } from '../../check/schema.js';
import type { CheckReport, Trial } from '../../check/types.js';
import { REPORTERS } from '../../report/reporters/index.js';
import { reportCheck } from '../check/output.js';
import { InputError } from '../errors.js';
import { readInputFile } from '../input.js';
import type { Io } from '../io.js';
import { exitOf, reportersOf } from './check.js';

const About = v.object({
  what: v.string(),
  against: v.nullable(v.string()),
  file: v.nullable(v.string()),
  gaps: v.array(v.string()),
});

export function addMerge(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('merge')
    .description('the blobs of all shards of a check: the report of the whole, as if it had been run in one')
    .argument('<blob...>', 'files that --blob has written')
    .option('--reporter <name...>', `as in check: ${[...REPORTERS.keys()].join(', ')}`, ['text'])
    .addHelpText(
      'after',
      '\nEnds as the check would have; with 2 when a trial of the plan is in none of the blobs.',
    )
    .action((paths: string[], { reporter }: { reporter: string[] }) => done(merge(paths, reporter, io)));
}

function merge(paths: readonly string[], reporters: readonly string[], io: Io): number {
  const outputs = reportersOf(reporters);
  const blobs = paths.map((path) => {
    const parsed = parseBlob(Buffer.from(readInputFile(path)).toString('utf8'));
    if (!parsed.ok) throw new InputError(`${path}: ${parsed.reason}`);
    return parsed.value;
  });
  const merged = mergeBlobs(blobs);
  if (!merged.ok) throw new InputError(merged.reason);
  const { header, results, missing } = merged.value;
  const about = v.safeParse(About, header.about);
  if (!about.success) throw new InputError('the blobs are not of a check');
  const gaps = [...about.output.gaps, ...missing.map((key) => `${key}: in none of the blobs`)];
  const report: CheckReport = checkReport({ ...about.output, gaps }, results.map(trialOf));
  reportCheck(report, outputs, io);
  return exitOf(report);
}

function trialOf(result: unknown): Trial {
  const read = readTrial(result);
  if (!read.ok) throw new InputError(`a blob is damaged: ${read.reason}`);
  return read.value;
}
