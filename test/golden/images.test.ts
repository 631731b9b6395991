// Every image there is, on a few scenarios: images of one form of one kind of kernel give the same lines.
import { afterAll, describe, it } from 'vitest';
import { allImages } from '../../src/suite/catalog.js';
import { cellId } from '../suite/cells.js';
import { type GoldenCell, GoldenFile, goldenCell, sectionOf } from './golden.js';

const DESIGNS = ['pc-check', 'naive-vdso'];
const FEW = ['read-empty', 'read-arriving', 'nanosleep'];

const golden = new GoldenFile('images');
afterAll(() => golden.finish(images.map(sectionOf)));

const images = allImages()
  .map(({ id }) => id)
  .filter((id) => id !== 'host');

describe('every image', () => {
  for (const vdso of images) {
    it(`${vdso} is as blessed for its form`, (context) => {
      const section = sectionOf(vdso);
      if (section === undefined) return context.skip(`${vdso} cannot be had here`);
      const cells: Record<string, GoldenCell> = {};
      for (const design of DESIGNS) {
        for (const id of FEW) cells[`${design} ${id}`] = goldenCell(cellId(design, id, vdso), context);
      }
      golden.hold(section, cells);
    });
  }

  it('host gives what images of its form give', (context) => {
    const section = sectionOf('host');
    const known = section === undefined ? undefined : golden.expected[section];
    if (section === undefined || known === undefined) return context.skip('no other image has its form');
    const cells = DESIGNS.flatMap((design) =>
      FEW.map((id) => [`${design} ${id}`, goldenCell(cellId(design, id, 'host'), context)] as const),
    );
    golden.hold(section, Object.fromEntries(cells));
  });
});
