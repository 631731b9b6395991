// The part of docs/findings.md that is made of the golden matrix: what each design loses, over all forms of the entry.
import { readFileSync, writeFileSync } from 'node:fs';
import { type Golden, type GoldenCell, GoldenFile } from './golden.js';

const PAGE = 'docs/findings.md';
const BEGIN = '<!-- made of the golden matrix by npm run bless -->\n';
const END = '\n<!-- end of what is made -->';

/** In front of a place. */
const MOMENTS: Readonly<Record<string, string>> = {
  user: 'before',
  entry: 'in the kernel, entered at',
  asleep: 'asleep in the call made at',
  woken: 'woken in the call made at',
  exit: 'in the kernel, on the way back to',
};

/** One scenario of one design: the cells of all forms. */
interface Row {
  readonly design: string;
  readonly scenario: string;
  readonly cells: readonly GoldenCell[];
}

function rowsOf(golden: Golden): Row[] {
  const sections = Object.values(golden);
  return Object.keys(sections[0] ?? {}).map((name) => {
    const [design = '', scenario = ''] = name.split(' ');
    return { design, scenario, cells: sections.flatMap((section) => section[name] ?? []) };
  });
}

/** `3-8`, or `7` when all forms have the same. */
function range(numbers: readonly number[]): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(least) : `${least}-${most}`;
}

/** `before __kernel_vsyscall`: the first violating point in the first scenario that has one; an offset differs by form. */
function firstPlace(rows: readonly Row[], rule: string): string {
  const [name = ''] = rows.flatMap(({ cells }) =>
    cells.flatMap(({ broken = {} }) => broken[rule]?.first ?? []),
  );
  const [moment = '', place = ''] = name.split(' ');
  return `${MOMENTS[moment] ?? moment} \`${place}\``;
}

function ruleText(rows: readonly Row[], rule: string): string {
  const red = rows.filter(({ cells }) => cells.some(({ broken = {} }) => rule in broken));
  const counts = red.map(
    ({ scenario, cells }) =>
      `${scenario} ${range(cells.map(({ broken = {} }) => broken[rule]?.points ?? 0))}`,
  );
  const where = red.length === rows.length ? 'at every point of every scenario' : counts.join(', ');
  const all = red.every(({ cells }) =>
    cells.every(({ broken = {}, points }) => broken[rule]?.points === points),
  );
  const text = red.length === rows.length && !all ? `every scenario (${counts.join(', ')})` : where;
  return `\`${rule}\`: ${text}; first ${firstPlace(red, rule)}`;
}

function line(design: string, rows: readonly Row[]): string {
  const clean = rows.filter(({ cells }) => cells.every(({ verdict }) => verdict === 'clean')).length;
  const rules = new Set(rows.flatMap(({ cells }) => cells.flatMap(({ broken = {} }) => Object.keys(broken))));
  const texts = [...rules].map((rule) => ruleText(rows, rule));
  return `| \`${design}\` | ${clean} of ${rows.length} | ${texts.join('<br>') || 'nothing'} |`;
}

/** Between the marks of docs/findings.md. */
export function findingsMarkdown(golden: Golden): string {
  const rows = rowsOf(golden);
  const points = rows.flatMap(({ cells }) => cells).reduce((sum, cell) => sum + cell.points, 0);
  const designs = [...new Set(rows.map(({ design }) => design))];
  return [
    `Forms: ${Object.keys(golden).join(', ')}.`,
    '',
    `${points.toLocaleString('en-GB')} points, without those in the scenario’s own C functions. A number is how many points break the rule; 3-8 is the`,
    'least and the most over the forms.',
    '',
    '| design | scenarios clean on every form | what is broken |',
    '| --- | --- | --- |',
    ...designs.map((design) =>
      line(
        design,
        rows.filter((row) => row.design === design),
      ),
    ),
  ].join('\n');
}

/** The page in front of the generated part, that part, and the page behind it. */
function parts(): readonly [string, string, string] {
  const [before = '', rest = ''] = readFileSync(PAGE, 'utf8').split(BEGIN);
  const at = rest.indexOf(END);
  if (at < 0) throw new Error(`${PAGE} has no marks`);
  return [before, rest.slice(0, at), rest.slice(at)];
}

export function findingsPart(): string {
  return parts()[1];
}

/** Puts the golden matrix into the page. */
export function writeFindings(): void {
  const [before, , behind] = parts();
  writeFileSync(PAGE, [before, BEGIN, findingsMarkdown(new GoldenFile('matrix').expected), behind].join(''));
}
