import { formatToken } from '../suite/token.js';
import { type CellId, type CellResult, verdictOf } from '../suite/types.js';
import { cellText, findingsOf, pointText } from './cell-text.js';
import { COMMAND, pad, plural, type Style } from './style.js';

/** The matrix for people: one sheet an image, identical sheets folded; rows scenarios, columns designs with their libc. */
export interface MatrixReport {
  readonly cells: readonly CellResult[];
  readonly designs: readonly { readonly id: string; readonly title: string }[];
  readonly scenarios: readonly { readonly id: string; readonly title: string }[];
}

interface SheetImage {
  readonly id: string;
  /** The image whose sweeps these are, as all its cells execute the same code; null when it was swept itself. */
  readonly sameCodeAs: string | null;
}

interface Sheet {
  readonly images: readonly SheetImage[];
  readonly forms: readonly string[];
  readonly cells: readonly CellResult[];
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
  const runs = swept.reduce((sum, cell) => sum + (cell.kind === 'swept' ? cell.executed : 0), 0);
  const shared = cells.length - swept.length;
  const lines = [
    style.bold(
      'Cancellation requested at every instruction, and at every kernel moment, of the window of a thread',
    ),
    `${plural(swept.length, 'sweep')}, ${plural(runs, 'run')}. "clean 59": all 59 points pass every rule.`,
    ...(shared === 0 ? [] : [`${plural(shared, 'more cell')} would execute code that was swept already.`]),
    '"FAILS 7/63 from f": 7 of 63 points break a rule, the first one before the instruction f.',
    '',
    ...designs.map(({ id, title }) => `  ${pad(id, 12)} ${title}`),
  ];
  return lines.join('\n');
}

/** Cells of one image make a sheet; sheets that say the same are one. */
function foldSheets(cells: readonly CellResult[]): Sheet[] {
  const byImage = new Map<string, CellResult[]>();
  for (const cell of cells) byImage.set(cell.id.vdso, [...(byImage.get(cell.id.vdso) ?? []), cell]);
  const folded = new Map<string, { images: SheetImage[]; forms: Set<string>; cells: CellResult[] }>();
  for (const [image, sheet] of byImage) {
    const says = JSON.stringify(sheet.map((cell) => [columnOf(cell.id), cell.id.scenario, cellText(cell)]));
    const same = folded.get(says) ?? { images: [], forms: new Set<string>(), cells: sheet };
    same.images.push({ id: image, sameCodeAs: twinOf(sheet) });
    for (const cell of sheet) if (cell.kind === 'swept') same.forms.add(cell.form);
    folded.set(says, same);
  }
  return [...folded.values()].map((sheet) => ({ ...sheet, forms: [...sheet.forms] }));
}

function twinOf(sheet: readonly CellResult[]): string | null {
  const twins = new Set(sheet.map((cell) => (cell.kind === 'swept' ? cell.sameCodeAs?.vdso : undefined)));
  const [twin] = twins;
  return twins.size === 1 && twin !== undefined ? twin : null;
}

/** `a = b, c`: b executes the code of a, and c has the same verdicts. */
function imagesText(images: readonly SheetImage[]): string {
  const [only] = images;
  if (images.length === 1 && only !== undefined) return only.id;
  const own = images.filter(({ sameCodeAs }) => sameCodeAs === null);
  const groups = own.map(({ id }) =>
    [id, ...images.filter(({ sameCodeAs }) => sameCodeAs === id).map((twin) => twin.id)].join(' = '),
  );
  const same = own.length > 1 ? 'same sheet' : '';
  const swept = own.length < images.length ? '"=": the same code, swept once' : '';
  const why = `(${[same, swept].filter((part) => part !== '').join('; ')})`;
  const line = `${groups.join(', ')} ${why}`;
  return line.length <= WIDTH ? line : `${groups.join(',\n')}\n${why}`;
}

function columnOf({ design, libc }: CellId): string {
  return `${design} (${libc})`;
}

/** Columns side by side until this width, then a new block. */
const WIDTH = 132;

interface Column {
  readonly id: string;
  readonly width: number;
}

function sheetText({ scenarios }: MatrixReport, sheet: Sheet, style: Style): string {
  const find = (column: string, scenario: string) =>
    sheet.cells.find(({ id }) => columnOf(id) === column && id.scenario === scenario);
  const columns = [...new Set(sheet.cells.map(({ id }) => columnOf(id)))].map((id) => {
    const texts = sheet.cells.filter((cell) => columnOf(cell.id) === id).map(cellText);
    return { id, width: Math.max(id.length, ...texts.map((text) => text.length)) + 2 };
  });
  const first = Math.max(...scenarios.map(({ id }) => id.length)) + 2;
  const blocks = blocksOf(columns, WIDTH - first).flatMap((block) => [
    (pad('', first) + block.map(({ id, width }) => pad(id, width)).join('')).trimEnd(),
    ...scenarios.map(({ id }) => {
      const cells = block.map((column) => {
        const cell = find(column.id, id);
        return cell === undefined
          ? pad('-', column.width)
          : coloured(cell, pad(cellText(cell), column.width), style);
      });
      return (pad(id, first) + cells.join('')).trimEnd();
    }),
    '',
  ]);
  return [
    style.bold(imagesText(sheet.images)),
    style.dim(`form ${sheet.forms.join(', ')}`),
    ...blocks,
    ...explanations(sheet, style),
  ]
    .join('\n')
    .trimEnd();
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

/** Every red cell with its findings, and the commands that show them. */
function explanations(sheet: Sheet, style: Style): string[] {
  return sheet.cells.flatMap((cell) => {
    if (cell.kind === 'skipped') return [`  ${cell.id.design} ${cell.id.scenario}: skipped: ${cell.reason}`];
    if (cell.missing.length > 0)
      return [`  ${cell.id.design} ${cell.id.scenario}: not reached: ${cell.missing.join(', ')}`];
    const groups = findingsOf(cell);
    if (groups.length === 0) return inconclusive(cell);
    const { design, scenario, vdso, libc } = cell.id;
    const command = `${COMMAND} sweep ${scenario} --design ${design} --vdso ${vdso} --libc ${libc}`;
    return [
      `  ${style.bad(`${design} ${scenario}`)}  ${style.dim(command)}`,
      ...groups.flatMap(({ rule, detail, first, count }) => [
        `    ${rule} at ${plural(count, 'point')}, first ${pointText(first)}: ${detail}`,
        style.dim(
          `    ${COMMAND} replay ${formatToken({ id: cell.id, choices: [{ index: first.index, action: 'cancel' }], code: cell.code })}`,
        ),
      ]),
    ];
  });
}

function inconclusive(cell: Extract<CellResult, { kind: 'swept' }>): string[] {
  const reasons = new Set(
    cell.points.flatMap(({ verdict }) => (verdict.kind === 'inconclusive' ? [verdict.reason] : [])),
  );
  return [...reasons].map((reason) => `  ${cell.id.design} ${cell.id.scenario}: inconclusive: ${reason}`);
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
