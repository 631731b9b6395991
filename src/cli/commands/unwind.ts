// The decoder of instructions is WebAssembly of its own: it is loaded when this command runs, not when any does.
import type { Command } from 'commander';
import { InputError } from '../errors.js';
import { readInputFile } from '../input.js';
import { EXIT, type Io } from '../io.js';
import { countsOf, unwindText } from '../unwind-text.js';

/** `sigsweep unwind`: does every frame description of a file say where the frame really is, at every instruction? */
export function addUnwind(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('unwind')
    .description('check the frame descriptions of an i386 object, archive, library, executable or vDSO image')
    .argument('<file>', 'the file')
    .option('--json', 'one JSON document with every function')
    .action(async (path: string, { json }: { json?: true }) => done(await unwind(path, json === true, io)));
}

async function unwind(path: string, json: boolean, io: Io): Promise<number> {
  const bytes = readInputFile(path);
  const { checkEverything } = await import('../../cfi/check/archive.js');
  const report = checkEverything(bytes, path);
  if (!report.ok) throw new InputError(report.error.message);
  const counts = countsOf(report.objects);
  if (json)
    io.out(
      `${JSON.stringify({ schema: 'sigsweep-unwind-1', file: path, counts, objects: report.objects }, null, 1)}\n`,
    );
  else io.out(unwindText(path, report.objects));
  if (counts.mismatch > 0) return EXIT.violation;
  // Nothing judged is no pass.
  return counts.unjudged > 0 || counts.problems > 0 || counts.functions === 0
    ? EXIT.inconclusive
    : EXIT.clean;
}
