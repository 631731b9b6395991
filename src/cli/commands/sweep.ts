// `sigsweep sweep`: one square of the matrix in full, with a verdict beside every instruction.
import type { Command } from 'commander';
import { findingsOf } from '../../report/cell-text.js';
import { cellsJson } from '../../report/json.js';
import { type Style, styleFor } from '../../report/style.js';
import { findingText, sweepText } from '../../report/sweep-text.js';
import { unwindTableText } from '../../report/unwind-text.js';
import { findSubject } from '../../suite/catalog.js';
import { runCell } from '../../suite/cell.js';
import { Listing } from '../../suite/listing.js';
import { replay } from '../../suite/replay.js';
import { type CellId, type CellResult, verdictOf } from '../../suite/types.js';
import { InputError, UsageError } from '../errors.js';
import { chooseVdso } from '../input.js';
import { EXIT, type Io } from '../io.js';

interface SweepOptions {
  readonly design: string;
  readonly vdso?: string;
  readonly libc: string;
  readonly json?: boolean;
  readonly unwind?: true;
}

export function addSweep(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('sweep')
    .description('one scenario, one design, one entry: every point, with a verdict beside every instruction')
    .argument('<scenario>', 'such as read-empty; "sigsweep matrix --list" lists them')
    .option('--design <id>', 'the way the cancellable call is made', 'pc-check')
    .option('--vdso <id>', 'the vDSO image (default: this machine’s)')
    .option('--libc <id>', 'the C library', 'musl-1.2.3')
    .option(
      '--unwind',
      'also unwind from every instruction that is executed: the rule unwind, with its table',
    )
    .option('--json', 'the results for machines, with every point')
    .addHelpText(
      'after',
      '\nEnds with 0 when every point passes every rule, 1 on a violation, 2 when not every point could be judged.\n' +
        'Example: sigsweep sweep read-empty --design naive-vdso',
    )
    .action((scenario: string, { design, vdso, libc, json, unwind }: SweepOptions) => {
      const id = { libc, design, vdso: chooseVdso(vdso).id, scenario };
      done(sweep(unwind === true ? { ...id, unwind } : id, json === true, io));
    });
}

export function sweep(id: CellId, json: boolean, io: Io): number {
  const found = findSubject(id);
  if (!found.ok) throw found.missing ? new InputError(found.reason) : new UsageError(found.reason);
  const cell = runCell(id);
  if (cell.kind === 'skipped') throw new InputError(cell.reason);
  if (json) {
    io.out(cellsJson([cell], true));
    return exitFor(cell);
  }
  const style = styleFor(io.colour);
  const listing = new Listing(found.subject);
  const listed = listing.of(cell.points);
  io.out(`${sweepText(cell, listed, style)}\n`);
  if (cell.unwinding !== undefined)
    io.out(`${unwindTableText(cell.unwinding, (address) => listing.at(address), style)}\n`);
  for (const group of findingsOf(cell)) io.out(`${explain(cell, group, { listing, listed }, style)}\n`);
  return exitFor(cell);
}

interface Listed {
  readonly listing: Listing;
  readonly listed: ReturnType<Listing['of']>;
}

type Swept = Extract<CellResult, { kind: 'swept' }>;

function explain(
  cell: Swept,
  group: ReturnType<typeof findingsOf>[number],
  { listing, listed }: Listed,
  style: Style,
): string {
  const again = replay({
    id: cell.id,
    choices: [{ index: group.first.index, action: 'cancel' }],
    code: cell.code,
  });
  if (!again.ok) throw new Error(`a finding could not be replayed: ${again.reason}`);
  const name = (address: number) => listing.at(address).name;
  return findingText(cell, group, { listed, replay: again.replay, name }, style);
}

function exitFor(cell: CellResult): number {
  const verdict = verdictOf(cell);
  if (verdict === 'violation') return EXIT.violation;
  return verdict === 'clean' ? EXIT.clean : EXIT.inconclusive;
}
