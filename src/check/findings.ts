// The findings of a swept cell: one for each rule, instruction and moment, in the order in which the sweep came to them.

import { pointText } from '../report/cell-text.js';
import type { ListedInstruction, Listing } from '../suite/listing.js';
import type { CellResult, PointResult } from '../suite/types.js';
import { fingerprint } from './fingerprint.js';
import type { Finding } from './types.js';

type Swept = Extract<CellResult, { kind: 'swept' }>;

export interface FoundPoint {
  readonly finding: Finding;
  /** The first point that shows it. */
  readonly first: PointResult;
}

/** `nth` of an instruction among the equal ones of its symbol that the sweep has seen. */
function ordinals(lines: readonly ListedInstruction[]): ReadonlyMap<number, number> {
  const seen = new Map<string, number>();
  const nth = new Map<number, number>();
  for (const { address, symbol, text } of [...lines].sort((a, b) => a.address - b.address)) {
    const key = `${symbol} ${text}`;
    const count = seen.get(key) ?? 0;
    nth.set(address, count);
    seen.set(key, count + 1);
  }
  return nth;
}

/** `scenario` is how the finding calls the scenario. */
export function findingsIn(cell: Swept, listing: Listing, scenario: string): FoundPoint[] {
  const nth = ordinals(listing.of(cell.points).map(({ line }) => line));
  const found = new Map<string, { finding: Finding; first: PointResult }>();
  for (const point of cell.points) {
    if (point.verdict.kind !== 'violation') continue;
    const line = listing.at(point.place.address);
    for (const { rule, detail } of point.verdict.violations) {
      const id = fingerprint({
        ...{ rule, scenario, symbol: line.symbol, instruction: line.text, moment: point.moment },
        nth: nth.get(line.address) ?? 0,
      });
      const known = found.get(id);
      const finding = known?.finding ?? {
        ...{ fingerprint: id, rule, detail, scenario, symbol: line.symbol, place: line.name },
        ...{ instruction: line.text, where: pointText(point), points: 0, line: null, story: null },
      };
      found.set(id, { first: known?.first ?? point, finding: { ...finding, points: finding.points + 1 } });
    }
  }
  return [...found.values()];
}
