// The command line: one file a command; this one only puts them together and turns errors into exit codes.
import { Command, CommanderError } from 'commander';
import { CpuError } from '../cpu/index.js';
import { FuzzError } from '../fuzz/core/errors.js';
import { UnknownNameError } from '../suite/cell.js';
import { addCheck } from './commands/check.js';
import { addConform } from './commands/conform.js';
import { addDoctor } from './commands/doctor.js';
import { addFuzz } from './commands/fuzz.js';
import { addMatrix } from './commands/matrix.js';
import { addMerge } from './commands/merge.js';
import { addPairs } from './commands/pairs.js';
import { addReplay } from './commands/replay.js';
import { addRun } from './commands/run.js';
import { addSweep } from './commands/sweep.js';
import { addUnwind } from './commands/unwind.js';
import { addVdso } from './commands/vdso.js';
import { InputError, UsageError } from './errors.js';
import { addExitStyle, type ExitStyle, exitCodeIn } from './exit-style.js';
import { EXIT, type Io } from './io.js';
import { version } from './version.js';

const AFTER = `
Start with "sigsweep matrix"; every failure it prints comes with the commands that show it.
Exit codes: 0 clean and complete, 1 a rule is broken, 2 inconclusive or incomplete, 3 sigsweep cannot work (one line
says why), 64 the command line is wrong. "run" ends with the program's own status.`;

function build(io: Io): Command {
  const program = new Command('sigsweep')
    .description('Delivers a signal at every instruction of real i386 Linux code, and judges every run.')
    .version(version(), '-V, --version', 'the version of sigsweep')
    .addHelpText('after', AFTER)
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
  return program;
}

/** Runs one command line (without node and the script) and returns the exit code. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.usage;
  let style: ExitStyle = 'sigsweep';
  const done = (result: number): void => {
    code = result;
  };
  const program = build(io);
  addMatrix(program, io, done);
  addSweep(program, io, done);
  addPairs(program, io, done);
  addCheck(program, io, done);
  addMerge(program, io, done);
  addReplay(program, io, done);
  addRun(program, io, done);
  addVdso(program, io, done);
  addConform(program, io, done);
  addDoctor(program, io, done);
  addUnwind(program, io, done);
  addFuzz(program, io, done);
  for (const command of program.commands) {
    // What `run` ends with is the program's own status.
    if (command.name() !== 'run') addExitStyle(command, (chosen) => (style = chosen));
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    code = failed(error, io);
  }
  return exitCodeIn(style, code);
}

/** Mistakes and missing things are one line; a stack is printed only for what should never happen. */
function failed(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clean : EXIT.usage;
  if (error instanceof UsageError || error instanceof UnknownNameError) {
    io.err(`sigsweep: ${error.message}\n`);
    return EXIT.usage;
  }
  const expected = error instanceof InputError || error instanceof CpuError || error instanceof FuzzError;
  const text =
    error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
  io.err(`sigsweep: ${text}\n`);
  return EXIT.broken;
}
