// The list of areas against a model of single pages.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaAt, covered, cut, findGap, insert, overlaps } from '../../src/kernel/mm/areas.js';
import type { Vma } from '../../src/kernel/mm/types.js';
import { accessible } from '../../src/kernel/user.js';

const PAGE = 4096;
const PAGES = 48;
const FIRST = 32;

interface Change {
  readonly kind: 'map' | 'unmap';
  readonly at: number;
  readonly count: number;
  readonly protection: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('map', 'unmap'),
  at: fc.nat(PAGES - 1),
  count: fc.integer({ min: 1, max: 8 }),
  protection: fc.nat(7),
});

const address = (page: number) => (FIRST + page) * PAGE;

/** Protections of the pages, null for a hole. */
function apply(changes: readonly Change[]): { vmas: Vma[]; pages: (number | null)[] } {
  let vmas: Vma[] = [];
  const pages: (number | null)[] = Array.from({ length: PAGES + 8 }, () => null);
  for (const { kind, at, count, protection } of changes) {
    const [start, end] = [address(at), address(at + count)];
    vmas = cut(vmas, start, end);
    if (kind === 'map') vmas = insert(vmas, { start, end, protection, growsDown: false, name: '' });
    pages.fill(kind === 'map' ? protection : null, at, at + count);
  }
  return { vmas, pages };
}

const changes = fc.array(change, { maxLength: 30 });

describe('the areas of a process', () => {
  it('say for every page what was done last, are sorted and never overlap or touch an equal neighbour', () => {
    fc.assert(
      fc.property(changes, (list) => {
        const { vmas, pages } = apply(list);
        pages.forEach((protection, page) => {
          expect(areaAt(vmas, address(page) + 5)?.protection ?? null).toBe(protection);
        });
        vmas.slice(1).forEach((vma, i) => {
          const before = vmas[i];
          expect(vma.start).toBeGreaterThanOrEqual(before?.end ?? 0);
          if (before?.end === vma.start) expect(vma.protection).not.toBe(before.protection);
        });
      }),
    );
  });

  it('cover a range up to the first hole, and say whether they meet it', () => {
    fc.assert(
      fc.property(changes, fc.nat(PAGES - 1), fc.integer({ min: 1, max: 8 }), (list, at, count) => {
        const { vmas, pages } = apply(list);
        const inside = pages.slice(at, at + count);
        const hole = inside.indexOf(null);
        const reached = covered(vmas, address(at), address(at + count)).at(-1)?.end ?? address(at);
        expect(reached).toBe(address(at + (hole < 0 ? count : hole)));
        expect(overlaps(vmas, address(at), address(at + count))).toBe(inside.some((p) => p !== null));
      }),
    );
  });

  it('let memory be read and written only where every page allows it', () => {
    fc.assert(
      fc.property(
        changes,
        fc.nat(PAGES * PAGE),
        fc.integer({ min: 1, max: 3 * PAGE }),
        fc.constantFrom(1, 2, 4),
        (list, at, length, need) => {
          const { vmas, pages } = apply(list);
          const touched = pages.slice(Math.floor(at / PAGE), Math.floor((at + length - 1) / PAGE) + 1);
          const allowed = touched.every((protection) => protection !== null && (protection & need) !== 0);
          expect(accessible(vmas, address(0) + at, length, need)).toBe(allowed);
        },
      ),
    );
  });

  it('leave the highest gap that is large enough', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 1, max: 12 }), (list, count) => {
        const { vmas, pages } = apply(list);
        const top = PAGES + 8;
        let best = top - count;
        while (
          best > -FIRST &&
          pages.slice(Math.max(best, 0), Math.max(best + count, 0)).some((p) => p !== null)
        )
          best--;
        const expected = FIRST + best >= 16 ? address(best) : null;
        expect(findGap(vmas, count * PAGE, address(top))).toBe(expected);
      }),
    );
  });
});
