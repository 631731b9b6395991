// The default matrix, on every form of entry: verdicts and counts as they were blessed. A pruning mistake shows as a count.
// All of it takes minutes: without SIGSWEEP_ALL=1 each design meets each scenario once, the forms taking turns.
import { afterAll, describe, expect, it } from 'vitest';
import { SCENARIOS } from '../../src/explore/scenarios.js';
import { DEFAULT_DESIGNS, DEFAULT_LIBCS, defaultImages, planMatrix } from '../../src/suite/plan.js';
import type { CellId } from '../../src/suite/types.js';
import { writeFindings } from './findings.js';
import { blessing, type GoldenCell, GoldenFile, goldenCell, sectionOf } from './golden.js';

const all = blessing || process.env['SIGSWEEP_ALL'] === '1';

const golden = new GoldenFile('matrix');
afterAll(() => {
  golden.finish(images.map(sectionOf));
  if (blessing) writeFindings();
});

/** This machine's own image may have a form that nobody else has seen. */
const images = defaultImages().filter((id) => id !== 'host');

function cellsOf(vdso: string): readonly CellId[] {
  const scenarios = SCENARIOS.map(({ id }) => id);
  const plan = planMatrix({ designs: DEFAULT_DESIGNS, scenarios, images: [vdso], libcs: DEFAULT_LIBCS });
  if (!plan.ok) throw new Error(plan.reason);
  return plan.ids;
}

/** One form's share: over all forms, every design in every scenario once. */
function shareOf(vdso: string): readonly CellId[] {
  const turn = ({ design, scenario }: CellId) =>
    DEFAULT_DESIGNS.indexOf(design) + SCENARIOS.findIndex(({ id }) => id === scenario);
  return cellsOf(vdso).filter((id) => all || turn(id) % images.length === images.indexOf(vdso));
}

const nameOf = ({ design, scenario }: CellId) => `${design} ${scenario}`;

describe('the default matrix', () => {
  for (const vdso of images) {
    const section = sectionOf(vdso);
    it(`is as blessed with ${vdso}`, { timeout: 1_200_000 }, (context) => {
      if (section === undefined) return context.skip(`no image ${vdso}`);
      const cells: Record<string, GoldenCell> = {};
      for (const id of shareOf(vdso)) cells[nameOf(id)] = goldenCell(id, context);
      golden.hold(section, cells);
    });
  }

  const here = new Set(images.map(sectionOf));
  for (const section of Object.keys(golden.expected).filter((name) => !here.has(name))) {
    it(`is as blessed with ${section}`, (context) => context.skip('no image of this form here'));
  }

  it.skipIf(blessing)(
    'has a golden line for every cell of every form, none of them inconclusive',
    (context) => {
      const [vdso] = images;
      if (vdso === undefined) return context.skip('no image: nothing is set up');
      const names = cellsOf(vdso).map(nameOf);
      expect(Object.keys(golden.expected)).toEqual(expect.arrayContaining([...here]));
      for (const cells of Object.values(golden.expected)) {
        expect(Object.keys(cells)).toEqual(names);
        const verdicts = new Set(Object.values(cells).map(({ verdict }) => verdict));
        expect([...verdicts].sort()).toEqual(['clean', 'violation']);
      }
    },
  );
});
