// `sigsweep replay`: exactly the run that a finding's token names, or a refusal.
import type { Command } from 'commander';
import { isStageToken, parseStageToken } from '../../fuzz/core/token.js';
import { replayStage } from '../../fuzz/replay.js';
import { runToken } from '../../fuzz/run-token.js';
import { entryProgram } from '../../report/entry-program.js';
import { stageStory } from '../../report/fuzz-story.js';
import { styleFor } from '../../report/style.js';
import { fullTrace, timeline, verdictText } from '../../report/trace-text.js';
import { vitestCase } from '../../report/vitest-case.js';
import { findSubject } from '../../suite/catalog.js';
import { Listing } from '../../suite/listing.js';
import { replay as replayToken } from '../../suite/replay.js';
import { parseToken } from '../../suite/token.js';
import { InputError, UsageError } from '../errors.js';
import { EXIT, type Io } from '../io.js';

export function addReplay(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('replay')
    .description('exactly one run, with every instruction; a token whose code changed is refused')
    .argument('<token>', 'as a finding prints it')
    .option('--as <form>', 'trace, vitest (a test to paste) or c (a program that shows it natively)', 'trace')
    .option('--events', 'only what happened, without instructions')
    .addHelpText(
      'after',
      '\nEnds with 0 when the run passes every rule, 1 on a violation, 2 when it cannot be judged, 3 when the token does not\n' +
        'fit the code that is here.',
    )
    .action((text: string, { events, as: form }: ReplayOptions) => {
      if (!FORMS.includes(form)) throw new UsageError(`--as takes ${FORMS.join(', ')}, not ${form}`);
      if (form === 'trace') done(replay(text, events === true, io));
      else done(form === 'vitest' ? replayAsTest(text, io) : replayAsProgram(text, io));
    });
}

interface ReplayOptions {
  readonly events?: boolean;
  readonly as: string;
}

const FORMS = ['trace', 'vitest', 'c'];

/** The test on stdout; the exit code is that of the run. */
function replayAsTest(text: string, io: Io): number {
  const run = runToken(text);
  if (run.verdict === 'inconclusive') throw new InputError(`refused: ${run.why}`);
  io.out(vitestCase(run));
  return run.verdict === 'pass' ? EXIT.clean : EXIT.violation;
}

function replayAsProgram(text: string, io: Io): number {
  if (!isStageToken(text))
    throw new InputError(
      'there is no C program of this run: it strikes between instructions of a C library; --as vitest is a test of it',
    );
  const replayed = replayStage(text);
  if (!replayed.ok) throw new InputError(`refused: ${replayed.reason}`);
  const program = entryProgram(replayed.story, text);
  if (!program.ok) throw new InputError(`there is no C program of this case: ${program.reason}`);
  io.out(program.text);
  return replayed.story.finding === null ? EXIT.clean : EXIT.violation;
}

/** A case of the fuzz that is played on its own stage. */
function replayStaged(text: string, io: Io): number {
  const parsed = parseStageToken(text);
  if (!parsed.ok) throw new UsageError(parsed.reason);
  const replayed = replayStage(text);
  if (!replayed.ok) throw new InputError(`refused: ${replayed.reason}`);
  const { story } = replayed;
  io.out(stageStory(story, styleFor(io.colour)));
  if (story.finding !== null) return EXIT.violation;
  return story.inconclusive === null ? EXIT.clean : EXIT.inconclusive;
}

export function replay(text: string, eventsOnly: boolean, io: Io): number {
  if (isStageToken(text)) return replayStaged(text, io);
  const parsed = parseToken(text);
  if (!parsed.ok) throw new UsageError(parsed.reason);
  const found = findSubject(parsed.token.id);
  if (!found.ok) throw found.missing ? new InputError(found.reason) : new UsageError(found.reason);
  const result = replayToken(parsed.token);
  if (!result.ok) throw new InputError(`refused: ${result.reason}`);
  const style = styleFor(io.colour);
  const listing = new Listing(found.subject);
  const name = (address: number) => listing.at(address).name;
  io.out(
    eventsOnly ? `${timeline(result.replay, name).join('\n')}\n` : fullTrace(result.replay, name, style),
  );
  io.out(`${verdictText(result.replay, style)}\n`);
  const { kind } = result.replay.verdict;
  return kind === 'pass' ? EXIT.clean : kind === 'violation' ? EXIT.violation : EXIT.inconclusive;
}
