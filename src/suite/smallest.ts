// The case of a cell that is told first: the violation with the least to tell, or where a clean cell is most in danger.
import { Session } from '../explore/session.js';
import { sweep } from '../explore/sweep.js';
import { findSubject } from './catalog.js';
import { type CellResult, violating } from './types.js';

type Swept = Extract<CellResult, { kind: 'swept' }>;

/**
 * Of the violating points of a swept cell the one whose run has the fewest events, the first among equals. A clean cell
 * gives the point at which the thread sleeps in its call, or has entered it. Index of the point; null without points.
 */
export function smallestCase(cell: Swept): number | null {
  const bad = new Set(violating(cell).map(({ index }) => index));
  if (bad.size === 0) {
    const at = (moment: string) => cell.points.findLast((point) => point.moment === moment)?.index;
    return at('asleep') ?? at('entry') ?? cell.points[0]?.index ?? null;
  }
  const found = findSubject(cell.id);
  if (!found.ok) return null;
  const opened = Session.open(found.subject);
  if (!opened.ok) return null;
  const { session } = opened;
  try {
    const { results } = sweep(session, ({ history }) => history.length);
    const shortest = results
      .filter(({ point }) => bad.has(point.index))
      .reduce((least, one) => (one.result < least.result ? one : least));
    return shortest.point.index;
  } finally {
    session.close();
  }
}
