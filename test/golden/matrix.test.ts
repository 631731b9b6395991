// The default matrix, on every form of entry: verdicts and counts as they were blessed. A pruning mistake shows as a count.
import { afterAll, describe, expect, it } from 'vitest';
import { USUAL_SCENARIOS } from '../../src/explore/scenarios.js';
import { defaultImages } from '../../src/suite/plan.js';
import { cellId } from '../suite/cells.js';
import { blessing, GoldenFile, goldenCell, sectionOf } from './golden.js';

const DESIGNS = ['pc-check', 'naive-vdso'];

const golden = new GoldenFile('matrix');
afterAll(() => golden.finish(images.map(sectionOf)));

/** This machine's own image may have a form that nobody else has seen. */
const images = defaultImages().filter((id) => id !== 'host');

describe('the default matrix', () => {
  for (const vdso of images) {
    const section = sectionOf(vdso);
    it(`is as blessed with ${vdso}`, (context) => {
      if (section === undefined) return context.skip(`no image ${vdso}`);
      const cells: Record<string, unknown> = {};
      for (const design of DESIGNS) {
        for (const { id } of USUAL_SCENARIOS)
          cells[`${design} ${id}`] = goldenCell(cellId(design, id, vdso), context);
      }
      golden.hold(section, cells);
    });
  }

  const here = new Set(images.map(sectionOf));
  for (const section of Object.keys(golden.expected).filter((name) => !here.has(name))) {
    it(`is as blessed with ${section}`, (context) => context.skip('no image of this form here'));
  }

  it.skipIf(blessing)('has a golden line for every scenario and design', () => {
    const names = DESIGNS.flatMap((design) => USUAL_SCENARIOS.map(({ id }) => `${design} ${id}`));
    for (const cells of Object.values(golden.expected)) expect(Object.keys(cells)).toEqual(names);
    expect(Object.keys(golden.expected).length).toBeGreaterThan(0);
  });
});
