// What a history shows of a run's begin and end, in words where it is for people.
import type { Event } from '../kernel/history.js';
import { mark } from '../world/marks.js';
import type { Ending } from '../world/world.js';

/** Its own end, a cleanup handler, a jump out of it. */
const WINDOW_ENDS: ReadonlySet<number> = new Set([mark.windowEnd, mark.cleanup, mark.jumped]);

/** The target leaves its window by this event. */
export function endsWindow(event: Event): boolean {
  return event.kind === 'exit' || (event.kind === 'mark' && WINDOW_ENDS.has(event.mark));
}

export function findMark(
  history: readonly Event[],
  number: number,
): Extract<Event, { kind: 'mark' }> | undefined {
  return history.find(
    (event): event is Extract<Event, { kind: 'mark' }> => event.kind === 'mark' && event.mark === number,
  );
}

export function endingText(ending: Ending | null): string {
  switch (ending?.kind) {
    case undefined:
      return 'the program goes on without it';
    case 'ended':
      return ending.exit.kind === 'exited'
        ? `exit status ${ending.exit.status}`
        : `killed by signal ${ending.exit.sig}`;
    case 'parked':
    case 'deadlock':
      return 'every thread sleeps';
    case 'bound':
      return `the bound of ${ending.what} is reached`;
  }
}
