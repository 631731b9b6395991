// Golden files: what sweeps of real code have shown, one line a cell. `npm run bless` writes them; everything else compares.
// A section is a kind of kernel and a form of the vDSO, not an image: newer kernels with the same code fit the same lines.
// Points in the scenario's own C functions are left out, as their number depends on the compiler; there are no addresses.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, type TestContext } from 'vitest';
import { allImages } from '../../src/suite/catalog.js';
import { type CellId, verdictOf } from '../../src/suite/types.js';
import { brokenRules, isOwn, ownFunctions, pointName, subjectFor, sweptCell } from '../suite/cells.js';

export const blessing = process.env['SIGSWEEP_BLESS'] === '1';

/** Points are as `pointName` writes them; what is absent is zero or empty. */
export interface GoldenCell {
  readonly verdict: string;
  readonly points: number;
  readonly passed?: number;
  readonly inconclusive?: number;
  readonly missing?: readonly string[];
  readonly first?: string;
  readonly last?: string;
  readonly broken?: Readonly<Record<string, { points: number; first: string; last: string }>>;
}

/** By section, then by `design scenario`. */
export type Golden = Record<string, Record<string, GoldenCell>>;

export class GoldenFile {
  private readonly path: URL;
  readonly expected: Golden;
  private readonly found: Golden = {};

  constructor(name: string) {
    this.path = new URL(`./${name}.json`, import.meta.url);
    this.expected = existsSync(this.path) ? JSON.parse(readFileSync(this.path, 'utf8')) : {};
  }

  /** Holds cells of one section to the file, or takes them into it: then every cell of the section must be given. */
  hold(section: string, cells: Record<string, GoldenCell>): void {
    if (!blessing) {
      const expected = this.expected[section];
      const wanted = Object.keys(cells).map((name) => [
        name,
        expected?.[name] ?? 'not blessed: npm run bless',
      ]);
      expect(cells).toEqual(Object.fromEntries(wanted));
      return;
    }
    // Two images of one form must give the same.
    expect(cells).toEqual(this.found[section] ?? cells);
    this.found[section] = cells;
  }

  /** Writes what was found, when blessing. A file without one of the sections is never written. */
  finish(sections: readonly (string | undefined)[]): void {
    if (!blessing) return;
    const absent = sections.find((section) => section === undefined || this.found[section] === undefined);
    if (absent !== undefined || sections.includes(undefined))
      throw new Error(`not blessed: ${absent ?? 'an image'} could not be swept completely`);
    writeFileSync(this.path, `${textOf(this.found)}\n`);
  }
}

function textOf(golden: Golden): string {
  const sections = Object.entries(golden).map(([section, cells]) => {
    const lines = Object.entries(cells).map(
      ([name, cell]) => `  ${JSON.stringify(name)}: ${JSON.stringify(cell)}`,
    );
    return ` ${JSON.stringify(section)}: {\n${lines.join(',\n')}\n }`;
  });
  return `{\n${sections.join(',\n')}\n}`;
}

/** Such as `i386 unified-4.4/sysenter`; undefined for an image that is not there. */
export function sectionOf(vdso: string): string | undefined {
  const image = allImages().find(({ id }) => id === vdso);
  return image?.ok ? `${image.image.flavour} ${image.image.form}` : undefined;
}

/** A cell without anything that differs between machines. */
export function goldenCell(id: CellId, context: TestContext): GoldenCell {
  const cell = sweptCell(id, context);
  expect(cell.executed).toBe(cell.planned);
  const own = ownFunctions(subjectFor(id, context).program, id.scenario);
  const points = cell.points.filter((point) => !isOwn(point, own));
  const broken: Record<string, { points: number; first: string; last: string }> = {};
  for (const point of points) {
    for (const rule of brokenRules(point)) {
      const name = pointName(point);
      const known = broken[rule];
      broken[rule] = { points: (known?.points ?? 0) + 1, first: known?.first ?? name, last: name };
    }
  }
  const count = (kind: string) => points.filter(({ verdict }) => verdict.kind === kind).length;
  const [first, last] = [points[0], points.at(-1)].map((point) => point && pointName(point));
  return {
    verdict: verdictOf(cell),
    points: points.length,
    ...(count('pass') === points.length ? {} : { passed: count('pass') }),
    ...(count('inconclusive') === 0 ? {} : { inconclusive: count('inconclusive') }),
    ...(cell.missing.length === 0 ? {} : { missing: cell.missing }),
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    ...(Object.keys(broken).length === 0 ? {} : { broken }),
  };
}
