import type { Moment } from '../explore/points.js';
import type { ListedInstruction } from '../suite/listing.js';
import type { Replay } from '../suite/replay.js';
import { formatToken } from '../suite/token.js';
import { type CellResult, type PointResult, verdictOf } from '../suite/types.js';
import { type FindingGroup, pointText } from './cell-text.js';
import { COMMAND, pad, plural, type Style } from './style.js';
import { timeline } from './trace-text.js';

/** A sweep for people: the swept instructions with a verdict gutter, then each finding with its story. */
type Swept = Extract<CellResult, { kind: 'swept' }>;

export interface ListedPoint {
  readonly line: ListedInstruction;
  readonly points: readonly PointResult[];
}

const MOMENTS: readonly Moment[] = ['user', 'entry', 'asleep', 'woken', 'exit'];

export function sweepText(cell: Swept, listed: readonly ListedPoint[], style: Style): string {
  const { id, form, planned, executed } = cell;
  const counts = new Map<string, number>();
  for (const { verdict } of cell.points) counts.set(verdict.kind, (counts.get(verdict.kind) ?? 0) + 1);
  const lines = [
    style.bold(`${id.scenario}, ${id.design}, ${id.libc}, ${id.vdso} (${form})`),
    `${planned} points planned, ${executed} run: ${['pass', 'violation', 'inconclusive'].map((kind) => `${counts.get(kind) ?? 0} ${kind}`).join(', ')}; verdict ${verdictOf(cell)}`,
    ...cell.missing.map((what) => style.doubt(`not reached: ${what}`)),
    '',
    style.dim(
      'gutter: + pass, X violation, ? inconclusive; columns: before the instruction, call entered, asleep, woken, completed',
    ),
    ...listingLines(listed, style),
  ];
  return lines.join('\n');
}

function listingLines(listed: readonly ListedPoint[], style: Style): string[] {
  let symbol = '';
  return listed.flatMap(({ line, points }) => {
    const header = line.symbol === symbol ? [] : [`${line.symbol} (${line.object}):`];
    symbol = line.symbol;
    const gutter = MOMENTS.map((moment) => gutterChar(points, moment)).join('');
    const text = `  ${gutter}  ${line.address.toString(16).padStart(8, '0')}  ${pad(line.bytes, 14)} ${line.text}`;
    const rules = new Set(
      points.flatMap(({ verdict }) =>
        verdict.kind === 'violation' ? verdict.violations.map((v) => v.rule) : [],
      ),
    );
    return [...header, rules.size > 0 ? style.bad(`${pad(text, 72)} ${[...rules].join(', ')}`) : text];
  });
}

function gutterChar(points: readonly PointResult[], moment: Moment): string {
  const kinds = points.filter((point) => point.moment === moment).map(({ verdict }) => verdict.kind);
  if (kinds.length === 0) return '.';
  if (kinds.includes('violation')) return 'X';
  return kinds.includes('inconclusive') ? '?' : '+';
}

/** The first point of each broken rule, told: the instruction in its window, what happened, how to see it again. */
export function findingText(
  cell: Swept,
  group: FindingGroup,
  context: {
    readonly listed: readonly ListedPoint[];
    readonly replay: Replay;
    readonly name: (address: number) => string;
  },
  style: Style,
): string {
  const { rule, detail, first, count } = group;
  const token = formatToken({
    id: cell.id,
    choices: [{ index: first.index, action: 'cancel' }],
    code: cell.code,
  });
  return [
    '',
    style.bad(
      `${rule} is broken at ${plural(count, 'point')}, first at point ${first.index}, ${pointText(first)}:`,
    ),
    `  ${detail}`,
    '',
    ...windowAround(context.listed, first),
    '',
    ...timeline(context.replay, context.name).map((line) => `  ${line}`),
    '',
    `  ${COMMAND} replay ${token}`,
  ].join('\n');
}

const AROUND = 3;

/** The swept instructions around a point, its own marked. */
export function windowAround(listed: readonly ListedPoint[], first: PointResult): string[] {
  const at = listed.findIndex(({ line }) => line.address === first.place.address);
  return listed.slice(Math.max(0, at - AROUND), at + AROUND + 1).map(({ line }) => {
    const arrow = line.address === first.place.address ? '->' : '  ';
    return `  ${arrow} ${line.address.toString(16).padStart(8, '0')}  ${pad(line.name, 26)} ${pad(line.bytes, 14)} ${line.text}`;
  });
}
