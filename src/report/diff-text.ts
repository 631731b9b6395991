// What changed between two versions, for people and for machines.
import type { CellDiff, Change } from '../suite/diff.js';
import { type CellResult, verdictOf } from '../suite/types.js';
import { cellText, findingsOf } from './cell-text.js';
import { SCHEMA_VERSION } from './json.js';
import { COMMAND, pad, plural, type Style } from './style.js';

export interface DiffReport {
  readonly from: string;
  readonly to: string;
  readonly cells: readonly CellDiff[];
}

/** Cells that differ in their scenario only. */
interface Section {
  readonly titles: string[];
  readonly cells: readonly CellDiff[];
}

export function diffText({ from, to, cells }: DiffReport, style: Style): string {
  const parts = sectionsOf(cells).map((section) => sectionText(section, style));
  return `${[style.bold(`From ${from} to ${to}`), ...parts, summary(cells)].join('\n\n')}\n`;
}

/** Sections that say the same are one, with all their titles. */
function sectionsOf(cells: readonly CellDiff[]): Section[] {
  const byTitle = new Map<string, CellDiff[]>();
  for (const cell of cells) byTitle.set(titleOf(cell), [...(byTitle.get(titleOf(cell)) ?? []), cell]);
  const folded = new Map<string, Section>();
  for (const [title, section] of byTitle) {
    const says = JSON.stringify(
      section.map(({ before, after, change }) => [
        before.id.scenario,
        before.id.design,
        change,
        cellText(before),
        cellText(after),
      ]),
    );
    const same = folded.get(says) ?? { titles: [], cells: section };
    same.titles.push(title);
    folded.set(says, same);
  }
  return [...folded.values()];
}

function both(one: string, other: string): string {
  return one === other ? one : `${one} -> ${other}`;
}

function titleOf({ before, after }: CellDiff): string {
  const { design, vdso, libc } = before.id;
  const where = before.id.libc === after.id.libc ? `, ${libc}` : '';
  return `${both(design, after.id.design)} on ${both(vdso, after.id.vdso)}${where}`;
}

function sectionText({ titles, cells }: Section, style: Style): string {
  const of = (change: Change) => cells.filter((cell) => cell.change === change);
  const width = Math.max(...cells.map(({ before }) => before.id.scenario.length)) + 2;
  const rows = (change: Change, heading: string) => {
    const changed = of(change);
    if (changed.length === 0) return [];
    return [`  ${heading}:`, ...changed.flatMap((cell) => changedLines(cell, width, style))];
  };
  const named = (change: Change, heading: string, text: (cell: CellDiff) => string) => {
    const found = of(change);
    return found.length === 0 ? [] : [`  ${heading}: ${found.map(text).join(', ')}`];
  };
  const scenario = ({ before }: CellDiff) => before.id.scenario;
  const points = (cell: CellDiff) =>
    `${scenario(cell)} ${both(pointsText(cell.before), pointsText(cell.after))}`;
  return [
    ...titles.map((title) => style.bold(title)),
    ...rows('verdict', 'another verdict'),
    ...rows('findings', 'the same verdict for other reasons'),
    ...named('points', 'only the number of points', points),
    ...named('nothing', 'no change', scenario),
    ...named('code', 'the same code is executed', scenario),
  ].join('\n');
}

function changedLines({ before, after }: CellDiff, width: number, style: Style): string[] {
  const line = `    ${pad(before.id.scenario, width)}${cellText(before)} -> ${cellText(after)}`;
  return [
    verdictOf(after) === 'violation' ? style.bad(line) : line,
    ...whyLines(before, style),
    ...whyLines(after, style),
  ];
}

function whyLines(cell: CellResult, style: Style): string[] {
  const { libc, design, vdso, scenario } = cell.id;
  const found = findingsOf(cell);
  if (found.length === 0) return [];
  return [
    ...found.map(({ rule, detail }) => `      ${libc}: ${rule}: ${detail}`),
    style.dim(`      ${COMMAND} sweep ${scenario} --design ${design} --vdso ${vdso} --libc ${libc}`),
  ];
}

function pointsText(cell: CellResult): string {
  return cellText(cell).replace(/^clean | from .*$/g, '');
}

function summary(cells: readonly CellDiff[]): string {
  const count = (...changes: Change[]) => cells.filter(({ change }) => changes.includes(change)).length;
  return [
    `${plural(cells.length, 'cell')} compared: ${count('verdict')} with another verdict`,
    `${count('findings')} with the same one for other reasons`,
    `${count('points')} with another number of points`,
    `${count('nothing', 'code')} without a change`,
  ].join(', ');
}

export function diffJson({ from, to, cells }: DiffReport): string {
  const side = (cell: CellResult) => ({
    ...cell.id,
    verdict: verdictOf(cell),
    ...(cell.kind === 'skipped'
      ? { reason: cell.reason }
      : {
          executed: cell.executed,
          findings: findingsOf(cell).map(({ rule, count, first }) => ({
            rule,
            points: count,
            first: first.place.name,
          })),
        }),
  });
  const rows = cells.map(({ before, after, change }) => ({
    change,
    before: side(before),
    after: side(after),
  }));
  return `${JSON.stringify({ schema: SCHEMA_VERSION, from, to, cells: rows }, null, 2)}\n`;
}
