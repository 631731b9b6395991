import type { Effect, Event } from '../kernel/history.js';
import { mark } from '../world/marks.js';
import type { RunRecord } from '../world/record.js';

/** What the rules need to know of a run, read from its history once. */
export interface Facts {
  /** Index of the event at which the first pthread_cancel of the target had returned; null when there was none. */
  readonly requested: number | null;
  /** Effects of the target's calls inside its window, with the event's index. */
  readonly effects: readonly { readonly at: number; readonly nr: number; readonly effect: Effect }[];
  /** The result that reached the program. */
  readonly saw: { readonly at: number; readonly result: number; readonly error: number } | null;
  /** Where cleanup handlers of the target ran. */
  readonly cleanups: readonly number[];
  /** What pthread_join gave, as a signed word. */
  readonly joined: number | null;
  /** Cancellation is disabled at the end of the run. */
  readonly disabledAtEnd: boolean;
  readonly windowBegin: number;
  readonly windowEnd: number | null;
  /** The call in which the target sleeps at the end of the run. */
  readonly asleepIn: number | null;
  /**
   * The program's own handler left the window for good: by a jump, or by a cancellation point that it called. POSIX lets
   * it, and makes what the interrupted call had done the program's own loss (XSH 2.9.5.2, async-signal safety).
   */
  readonly leftByHandler: boolean;
  /** From its window on the thread calls no cancellation point: nothing may cancel it. */
  readonly noPoint: boolean;
  /** Its window is given by symbols: the end of it is where the program has the call's result. */
  readonly bySymbols: boolean;
  /** In such a window: where the thread begins to act on the cancellation. */
  readonly acted: number | null;
}

type Mark = Extract<Event, { kind: 'mark' }>;

/** (void *)-1 in both C libraries. */
export const PTHREAD_CANCELED = -1;

export function factsOf(run: RunRecord): Facts {
  const { history, target } = run;
  const marks: { at: number; event: Mark }[] = [];
  const effects: { at: number; nr: number; effect: Effect }[] = [];
  let asleepIn: number | null = null;
  let open = false;
  const handlers: number[] = [];
  let leftByHandler = false;
  for (let at = 0; at < history.length; at++) {
    const event = history[at];
    if (event === undefined) continue;
    if (event.kind === 'mark') {
      marks.push({ at, event });
      if (event.tid === target && event.mark === mark.windowBegin) open = true;
      if (event.tid === target && (event.mark === mark.windowEnd || event.mark === mark.cleanup))
        open = false;
    }
    if (event.tid !== target) continue;
    if (event.kind === 'deliver' && event.sig !== run.signal) handlers.push(event.frame);
    if (event.kind === 'sigreturn' && event.frame === handlers.at(-1)) handlers.pop();
    if (event.kind === 'mark' && event.mark === mark.jumped) leftByHandler = true;
    if (event.kind === 'mark' && event.mark === mark.cleanup && handlers.length > 0) leftByHandler = true;
    if (event.kind === 'effect' && open) effects.push({ at, nr: event.nr, effect: event.effect });
    if (event.kind === 'sleep') asleepIn = event.nr;
    if (event.kind === 'return' || event.kind === 'exit') asleepIn = null;
  }
  const facts = fromMarks(marks, target);
  const acted = facts.bySymbols
    ? history.findIndex((event) => event.kind === 'watch' && event.what === 'act')
    : -1;
  return { ...facts, effects, asleepIn, leftByHandler, acted: acted < 0 ? null : acted };
}

type MarkFacts = Omit<Facts, 'effects' | 'asleepIn' | 'leftByHandler' | 'acted'>;

function fromMarks(marks: readonly { at: number; event: Mark }[], target: number): MarkFacts {
  const mine = marks.filter(({ event }) => event.tid === target);
  const first = (number: number) => mine.find(({ event }) => event.mark === number);
  const saw = first(mark.saw);
  const joined = marks.find(({ event }) => event.mark === mark.joined);
  const disabled = mine.filter(({ event }) => event.mark === mark.disabled).at(-1);
  return {
    requested: marks.find(({ event }) => event.mark === mark.requested)?.at ?? null,
    saw:
      saw === undefined
        ? null
        : { at: saw.at, result: argument(saw.event, 0), error: argument(saw.event, 1) },
    cleanups: mine.filter(({ event }) => event.mark === mark.cleanup).map(({ at }) => at),
    joined: joined === undefined ? null : argument(joined.event, 0),
    bySymbols: first(mark.windowBegin)?.event.symbol === true,
    disabledAtEnd: disabled !== undefined && argument(disabled.event, 0) === 1,
    noPoint: first(mark.noPoint) !== undefined,
    windowBegin: first(mark.windowBegin)?.at ?? 0,
    windowEnd: first(mark.windowEnd)?.at ?? null,
  };
}

function argument(event: Mark, index: 0 | 1): number {
  return (event.args[index] ?? 0) | 0;
}
