// The table of one sheet of the matrix: rows designs, columns scenarios, in as many blocks as the width wants.
import { type CellResult, verdictOf, violating } from '../suite/types.js';
import { pointText, shortText } from './cell-text.js';
import { pad, type Style } from './style.js';

/** Columns side by side until this width, then a new block. */
const WIDTH = 132;

interface Column {
  readonly scenario: string;
  readonly width: number;
}

export interface TableOptions {
  readonly scenarios: readonly string[];
  readonly rowOf: (cell: CellResult) => string;
}

export function tableText(
  cells: readonly CellResult[],
  { scenarios, rowOf }: TableOptions,
  style: Style,
): string[] {
  const letters = lettersOf(cells);
  const text = (cell: CellResult) => `${shortText(cell)}${letterOf(cell, letters)}`;
  const rows = [...new Set(cells.map(rowOf))];
  const first = Math.max(...rows.map((row) => row.length)) + 2;
  const columns = scenarios.map((scenario) => {
    const texts = cells.filter(({ id }) => id.scenario === scenario).map(text);
    return { scenario, width: Math.max(...[scenario, ...texts].map(({ length }) => length)) + 2 };
  });
  const find = (row: string, scenario: string) =>
    cells.find((cell) => rowOf(cell) === row && cell.id.scenario === scenario);
  const blocks = blocksOf(columns, WIDTH - first).flatMap((block) => [
    (pad('', first) + block.map(({ scenario, width }) => pad(scenario, width)).join('')).trimEnd(),
    ...rows.map((row) => {
      const line = block.map(({ scenario, width }) => {
        const cell = find(row, scenario);
        return cell === undefined ? pad('-', width) : coloured(cell, pad(text(cell), width), style);
      });
      return (pad(row, first) + line.join('')).trimEnd();
    }),
    '',
  ]);
  return [...blocks, ...[...letters].map(([place, letter]) => `  ${letter}  ${place}`), ''];
}

/** A letter for each place at which a cell breaks a rule first, in order of the cells. */
function lettersOf(cells: readonly CellResult[]): ReadonlyMap<string, string> {
  const places = new Set(cells.flatMap((cell) => firstPlace(cell) ?? []));
  return new Map([...places].map((place, i) => [place, letter(i)]));
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';

/** a … z, aa, ab … */
function letter(index: number): string {
  const { length } = ALPHABET;
  const last = ALPHABET[index % length] ?? '';
  return index < length ? last : letter(Math.floor(index / length) - 1) + last;
}

function firstPlace(cell: CellResult): string | undefined {
  const [first] = violating(cell);
  return first === undefined ? undefined : pointText(first);
}

function letterOf(cell: CellResult, letters: ReadonlyMap<string, string>): string {
  const place = firstPlace(cell);
  return place === undefined ? '' : ` ${letters.get(place) ?? ''}`;
}

function blocksOf(columns: readonly Column[], room: number): Column[][] {
  const blocks: Column[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const column of columns) {
    if (used + column.width > room) {
      blocks.push([]);
      used = 0;
    }
    blocks.at(-1)?.push(column);
    used += column.width;
  }
  return blocks;
}

function coloured(cell: CellResult, text: string, style: Style): string {
  switch (verdictOf(cell)) {
    case 'clean':
      return style.good(text);
    case 'violation':
      return style.bad(text);
    default:
      return style.doubt(text);
  }
}
