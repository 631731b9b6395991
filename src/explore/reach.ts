import type { Event } from '../kernel/history.js';
import { mark } from '../world/marks.js';
import type { Reach } from './scenarios.js';
import type { Session } from './session.js';

/** Which of the promised facts the main line's history does not show. */
export function missingReaches(session: Session, reaches: readonly Reach[]): Reach[] {
  if (session.subject.own !== undefined) return endsOrSleeps(session) ? [] : ['end'];
  const mine = session.world.history.filter((event) => event.tid === session.target);
  return reaches.filter((reach) =>
    reach === 'acted' ? !hasActed(session) : !mine.some((event) => shows(event, reach)),
  );
}

/** A window of the user's own has come to its end, or to a sleep that only a request ends. */
function endsOrSleeps({ world, target, targetTask }: Session): boolean {
  const ended = world.history.some(
    (event) => event.kind === 'mark' && event.tid === target && event.mark === mark.windowEnd,
  );
  return ended || targetTask.phase.kind === 'asleep';
}

/** The window is over, and not by its own end: the thread is on its way out. */
function hasActed(session: Session): boolean {
  const ended = session.world.history.some(
    (event) => event.kind === 'mark' && event.tid === session.target && event.mark === mark.windowEnd,
  );
  return session.over && !ended;
}

function shows(event: Event, reach: Exclude<Reach, 'acted'>): boolean {
  switch (reach) {
    case 'sleep':
    case 'wake':
      return event.kind === reach;
    case 'consumed':
    case 'produced':
    case 'descriptor':
      return event.kind === 'effect' && event.effect.kind === reach;
    case 'end':
      return event.kind === 'mark' && event.mark === mark.windowEnd;
    case 'disabled':
      return event.kind === 'mark' && event.mark === mark.disabled;
    case 'async':
      return event.kind === 'mark' && event.mark === mark.async;
    case 'no-point':
      return event.kind === 'mark' && event.mark === mark.noPoint;
    case 'handler':
      return event.kind === 'deliver';
    case 'spawned':
      return event.kind === 'spawn';
  }
}
