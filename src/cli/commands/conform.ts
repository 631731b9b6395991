// `sigsweep conform`: the model against the running kernel, at every point of programs made for it.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { conformProgram, describeMachine, type ProgramReport, totalsOf } from '../../native/conform.js';
import { COVERAGE } from '../../native/coverage.js';
import { coverageText, machineText, programText, totalsText } from '../../report/conform-text.js';
import { allImages, allLibcs, CACHE } from '../../suite/catalog.js';
import { SETUP } from '../../suite/folders.js';
import { InputError, UsageError } from '../errors.js';
import { readProgram } from '../input.js';
import { EXIT, type Io, writeJson } from '../io.js';

interface Options {
  readonly stride: number;
  readonly case?: string;
  readonly list?: true;
  readonly json?: true;
}

export function addConform(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('conform')
    .description('hold the model against the running kernel: same program, same signal, same point')
    .argument('[program...]', 'names of fixtures/programs/points, or files (default: all of them)')
    .option('--stride <n>', 'only every nth instruction; calls keep all their points', positive, 1)
    .option('--case <arguments>', 'only cases whose arguments begin with this')
    .option('--list', 'say what is compared, and by which case of which program; run nothing')
    .option('--json', 'a JSON document instead of text')
    .addHelpText(
      'after',
      '\nEnds with 0 when nothing differs, 1 on a difference, 2 when something could not be compared (skipped: this machine\n' +
        'runs no 32-bit programs, or allows no ptrace or no personality(2), as in many containers).',
    )
    .action((names: string[], options: Options) =>
      done(options.list === true ? list(options, io) : conform(names, options, io)),
    );
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`--stride ${text}: it must be a whole number from 1 on`);
  return value;
}

function list({ json }: Options, io: Io): number {
  if (json === true) writeJson(io, { coverage: COVERAGE });
  else io.out(coverageText(COVERAGE));
  return EXIT.clean;
}

function conform(names: readonly string[], options: Options, io: Io): number {
  const paths = names.length > 0 ? names.map(pathOf) : allPrograms();
  const host = allImages().find(({ id }) => id === 'host');
  if (host?.ok !== true) return skipped(io, `this machine’s vDSO is not here (${SETUP})`);
  const machine = describeMachine(host.image);
  if (!machine.ok) return skipped(io, machine.reason);
  const json = options.json === true;
  if (!json) io.out(machineText(machine.facts));
  const programs: ProgramReport[] = [];
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const report = conformProgram(readProgram(path), {
      path,
      vdso: host.image,
      stride: options.stride,
      ...(options.case === undefined ? {} : { only: options.case }),
      ...(io.progress
        ? { progress: (args, points) => io.err(`\r\x1b[K${[name, ...args].join(' ')}: ${points}`) }
        : {}),
    });
    if (io.progress) io.err('\r\x1b[K');
    const named = { ...report, name };
    programs.push(named);
    if (!json) io.out(programText(named));
  }
  const totals = totalsOf(programs);
  if (json) writeJson(io, { machine: machine.facts, programs, totals });
  else io.out(totalsText(totals));
  if (totals.differences > 0) return EXIT.violation;
  return totals.incomplete > 0 || totals.counts.runs === 0 ? EXIT.inconclusive : EXIT.clean;
}

function skipped(io: Io, reason: string): number {
  io.out(`skipped: ${reason}\n`);
  return EXIT.inconclusive;
}

function folder(): string {
  const libc = allLibcs().find((id) => existsSync(join(CACHE, 'programs', id, 'points')));
  if (libc === undefined) throw new InputError(`there are no programs to compare: ${SETUP}`);
  return join(CACHE, 'programs', libc, 'points');
}

function allPrograms(): string[] {
  return readdirSync(folder())
    .sort()
    .map((name) => join(folder(), name));
}

function pathOf(name: string): string {
  if (name.includes('/')) return name;
  const path = join(folder(), name);
  if (!existsSync(path))
    throw new UsageError(`there is no program ${name}; there are ${readdirSync(folder()).sort().join(', ')}`);
  return path;
}
