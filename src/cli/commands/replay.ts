// `sigsweep replay`: exactly the run that a finding's token names, or a refusal.
import type { Command } from 'commander';
import { isStageToken, parseStageToken } from '../../fuzz/core/token.js';
import { replayStage } from '../../fuzz/replay.js';
import { stageStory } from '../../report/fuzz-story.js';
import { styleFor } from '../../report/style.js';
import { fullTrace, timeline, verdictText } from '../../report/trace-text.js';
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
    .option('--events', 'only what happened, without instructions')
    .addHelpText(
      'after',
      '\nEnds with 0 when the run passes every rule, 1 on a violation, 2 when it cannot be judged, 3 when the token does not\n' +
        'fit the code that is here.',
    )
    .action((text: string, { events }: { events?: boolean }) => done(replay(text, events === true, io)));
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
