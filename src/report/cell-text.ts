import type { CellResult, PointResult } from '../suite/types.js';
import { verdictOf, violating } from '../suite/types.js';

/** One cell in a few words, with the place of the first violation. */
export function cellText(cell: CellResult): string {
  const [first] = violating(cell);
  return first === undefined ? shortText(cell) : `${shortText(cell)} from ${first.place.name}`;
}

/** Verdict and counts alone. */
export function shortText(cell: CellResult): string {
  const verdict = verdictOf(cell);
  if (cell.kind === 'skipped') return 'skipped';
  const { executed, points } = cell;
  switch (verdict) {
    case 'clean':
      return `clean ${executed}`;
    case 'violation':
      return `FAILS ${violating(cell).length}/${executed}`;
    case 'inconclusive':
      return `? ${points.filter((point) => point.verdict.kind === 'inconclusive').length}/${executed}`;
    case 'incomplete':
      return `incomplete ${executed}/${cell.planned}`;
    case 'skipped':
      return 'skipped';
  }
}

export interface FindingGroup {
  readonly rule: string;
  readonly detail: string;
  readonly first: PointResult;
  readonly count: number;
}

/** Violations of a cell by rule and wording: the first point of each, and how many there are. */
export function findingsOf(cell: CellResult): FindingGroup[] {
  const groups = new Map<string, { rule: string; detail: string; first: PointResult; count: number }>();
  for (const point of violating(cell)) {
    if (point.verdict.kind !== 'violation') continue;
    for (const { rule, detail } of point.verdict.violations) {
      const group = groups.get(rule);
      if (group === undefined) groups.set(rule, { rule, detail, first: point, count: 1 });
      else group.count++;
    }
  }
  return [...groups.values()];
}

/** Where and when, in words: `before __kernel_vsyscall+3`, `in read, asleep`. */
export function pointText({ moment, place, call }: PointResult): string {
  const moments = {
    user: `before ${place.name}`,
    entry: `in ${call}, entered at ${place.name} and not looked yet`,
    asleep: `in ${call}, asleep`,
    woken: `in ${call}, woken and not looked again yet`,
    exit: `in ${call}, completed and not back in user mode`,
  };
  return moments[moment];
}
