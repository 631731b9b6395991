import { formatToken } from '../suite/token.js';
import { type CellResult, verdictOf, violating } from '../suite/types.js';
import { findingsOf } from './cell-text.js';

/** The stable form for machines. A change that removes or renames a field raises the version. */
export const SCHEMA_VERSION = 1;

export function cellsJson(cells: readonly CellResult[], withPoints: boolean): string {
  return `${JSON.stringify({ schema: SCHEMA_VERSION, cells: cells.map((cell) => cellJson(cell, withPoints)) }, null, 2)}\n`;
}

function cellJson(cell: CellResult, withPoints: boolean): object {
  const base = { ...cell.id, verdict: verdictOf(cell) };
  if (cell.kind === 'skipped') return { ...base, reason: cell.reason };
  const { form, cpu, code, planned, executed, merged, missing, sameCodeAs } = cell;
  return {
    ...base,
    form,
    cpu,
    code,
    planned,
    executed,
    merged,
    missing,
    ...(sameCodeAs === undefined ? {} : { sameCodeAs }),
    violating: violating(cell).length,
    findings: findingsOf(cell).map(({ rule, detail, first, count }) => ({
      rule,
      detail,
      points: count,
      first: { index: first.index, moment: first.moment, place: first.place.name, call: first.call },
      token: formatToken({ id: cell.id, choices: [{ index: first.index, action: 'cancel' }], code }),
    })),
    ...(withPoints ? { points: cell.points } : {}),
    ...(withPoints && cell.unwinding !== undefined ? { unwinding: cell.unwinding } : {}),
  };
}
