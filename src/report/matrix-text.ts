import { type CellResult, verdictOf } from '../suite/types.js';
import { findingsText, reasonsText } from './matrix-findings.js';
import { foldSheets, imagesText, type Sheet } from './matrix-sheets.js';
import { tableText } from './matrix-table.js';
import { pad, plural, type Style } from './style.js';

/** The matrix for people: one sheet an image, identical sheets folded; rows designs with their libc, columns scenarios. */
export interface MatrixReport {
  readonly cells: readonly CellResult[];
  readonly designs: readonly { readonly id: string; readonly title: string }[];
  readonly scenarios: readonly { readonly id: string; readonly title: string }[];
}

export function matrixText(report: MatrixReport, style: Style): string {
  const sheets = foldSheets(report.cells);
  const parts = [
    heading(report, style),
    ...sheets.map((sheet) => sheetText(report, sheet, style)),
    summary(report, style),
  ];
  return `${parts.join('\n\n')}\n`;
}

function heading({ cells, designs }: MatrixReport, style: Style): string {
  const swept = cells.filter((cell) => cell.kind === 'skipped' || cell.sameCodeAs === undefined);
  const sum = (of: (cell: Extract<CellResult, { kind: 'swept' }>) => number) =>
    swept.reduce((total, cell) => total + (cell.kind === 'swept' ? of(cell) : 0), 0);
  const points = sum(({ executed }) => executed);
  const whole = points - sum(({ merged }) => merged);
  const spared =
    whole === points ? '' : `, ${whole.toLocaleString('en-GB')} run to the end and the others merged`;
  const shared = cells.length - swept.length;
  const width = Math.max(...designs.map(({ id }) => id.length)) + 2;
  return [
    style.bold(
      'Cancellation requested at every instruction, and at every kernel moment, of the window of a thread',
    ),
    `${plural(swept.length, 'sweep')}, ${plural(points, 'point')}${spared}. "clean 59": all 59 points pass every rule.`,
    ...(shared === 0 ? [] : [`${plural(shared, 'more cell')} would execute code that was swept already.`]),
    '"FAILS 7/63 a": 7 of 63 points break a rule, the first one is the place a below the table.',
    '',
    ...designs.map(({ id, title }) => `  ${pad(id, width)}${title}`),
  ].join('\n');
}

function sheetText({ scenarios }: MatrixReport, sheet: Sheet, style: Style): string {
  const options = {
    scenarios: scenarios.map(({ id }) => id),
    rowOf: ({ id }: CellResult) => `${id.design} (${id.libc})`,
  };
  return [
    style.bold(imagesText(sheet.images)),
    style.dim(`form ${sheet.forms.join(', ')}`),
    '',
    ...tableText(sheet.cells, options, style),
    ...findingsText(sheet.cells, style),
    ...reasonsText(sheet.cells),
  ]
    .join('\n')
    .trimEnd();
}

function summary({ cells }: MatrixReport, style: Style): string {
  const count = (wanted: string) => cells.filter((cell) => verdictOf(cell) === wanted).length;
  const parts = (['clean', 'violation', 'inconclusive', 'incomplete', 'skipped'] as const)
    .map((verdict) => ({ verdict, number: count(verdict) }))
    .filter(({ number, verdict }) => number > 0 || verdict === 'clean' || verdict === 'violation')
    .map(({ verdict, number }) => `${number} ${verdict}`);
  const complete = count('incomplete') + count('skipped') + count('inconclusive') === 0;
  return `${style.bold(parts.join(', '))}; the matrix is ${complete ? 'complete' : style.doubt('NOT complete')}`;
}
