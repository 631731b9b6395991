import { Command, CommanderError } from 'commander';
import { addMatrix } from './commands/matrix.js';
import { addReplay } from './commands/replay.js';
import { addRun } from './commands/run.js';
import { addSweep } from './commands/sweep.js';
import { InputError, UsageError } from './errors.js';
import { EXIT, type Io } from './io.js';

/** The command line: one file a command; this one only puts them together. */
function build(io: Io, done: (code: number) => void): Command {
  const program = new Command('sigsweep')
    .description('Delivers a signal at every instruction of real i386 Linux code, and judges every run.')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      // One line, also with commander's suggestion.
      outputError: (text, write) =>
        write(
          `sigsweep: ${text
            .replace(/^error: /, '')
            .trim()
            .replace(/\n/g, ' ')}\n`,
        ),
    });
  addMatrix(program, io, done);
  addSweep(program, io, done);
  addReplay(program, io, done);
  addRun(program, io, done);
  return program;
}

/** Runs one command line (without node and the script) and returns the exit code. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.usage;
  try {
    await build(io, (result) => {
      code = result;
    }).parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return failed(error, io);
  }
}

function failed(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clean : EXIT.usage;
  if (error instanceof UsageError || error instanceof InputError) {
    io.err(`sigsweep: ${error.message}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.broken;
  }
  io.err(`sigsweep: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.broken;
}
