// Below a sheet of the matrix: every red cell with its findings, alike ones together, and the commands that show them.
import { formatToken } from '../suite/token.js';
import type { CellResult } from '../suite/types.js';
import { type FindingGroup, findingsOf, pointText } from './cell-text.js';
import { COMMAND, plural, type Style } from './style.js';

type Swept = Extract<CellResult, { kind: 'swept' }>;

interface Alike {
  readonly cell: Swept;
  readonly finding: FindingGroup;
  /** `read-empty 7`: scenario and points. */
  readonly places: string[];
}

/** Findings of one design with the same rule and wording are one paragraph, told at the first cell. */
export function findingsText(cells: readonly CellResult[], style: Style): string[] {
  const alike = new Map<string, Alike>();
  for (const cell of cells) {
    if (cell.kind === 'skipped') continue;
    for (const finding of findingsOf(cell)) {
      const key = JSON.stringify([cell.id.design, cell.id.libc, finding.rule, finding.detail]);
      const group = alike.get(key) ?? { cell, finding, places: [] };
      group.places.push(`${cell.id.scenario} ${finding.count}`);
      alike.set(key, group);
    }
  }
  return [...alike.values()].flatMap((group) => paragraph(group, style));
}

function paragraph({ cell, finding, places }: Alike, style: Style): string[] {
  const { rule, detail, first, count } = finding;
  const { id, code } = cell;
  const many = places.length > 1;
  const scope = many ? `in ${plural(places.length, 'scenario')}, in ${id.scenario} ` : '';
  const token = formatToken({ id, choices: [{ index: first.index, action: 'cancel' }], code });
  return [
    `  ${style.bad(`${id.design} ${many ? rule : `${id.scenario} ${rule}`}`)} ${scope}at ${plural(count, 'point')}, first ${pointText(first)}:`,
    `    ${detail}`,
    ...(many ? wrapped(`points: ${places.join(', ')}`) : []),
    style.dim(
      `    ${COMMAND} sweep ${id.scenario} --design ${id.design} --vdso ${id.vdso} --libc ${id.libc}${id.unwind === true ? ' --unwind' : ''}`,
    ),
    style.dim(`    ${COMMAND} replay ${token}`),
  ];
}

const WIDTH = 124;

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/(?<=[,:]) /)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => `    ${line}`);
}

/** Cells without a verdict, and why. */
export function reasonsText(cells: readonly CellResult[]): string[] {
  return cells.flatMap((cell) => {
    const name = `  ${cell.id.design} ${cell.id.scenario}`;
    if (cell.kind === 'skipped') return [`${name}: skipped: ${cell.reason}`];
    const missing = cell.missing.length > 0 ? [`${name}: not reached: ${cell.missing.join(', ')}`] : [];
    const reasons = new Set(
      cell.points.flatMap(({ verdict }) => (verdict.kind === 'inconclusive' ? [verdict.reason] : [])),
    );
    return [...missing, ...[...reasons].map((reason) => `${name}: inconclusive: ${reason}`)];
  });
}
