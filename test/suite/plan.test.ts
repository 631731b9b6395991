// Which cells a matrix has, and what becomes of cells whose names or fixtures are missing.
import { describe, expect, it } from 'vitest';
import { allImages, allLibcs, findSubject } from '../../src/suite/catalog.js';
import { runCell, UnknownNameError } from '../../src/suite/cell.js';
import { defaultImages, type MatrixRequest, planMatrix } from '../../src/suite/plan.js';
import { type CellResult, verdictOf } from '../../src/suite/types.js';
import { isRebuilt } from '../../src/vdso/index.js';
import { cellId, IMAGE, MUSL } from './cells.js';

const REQUEST: MatrixRequest = {
  designs: ['pc-check', 'naive-vdso'],
  scenarios: ['read-empty', 'read-data', 'open'],
  images: [IMAGE],
  libcs: [MUSL],
};

describe('a matrix', () => {
  it('has every combination once, in a fixed order', () => {
    const plan = planMatrix(REQUEST);
    expect(plan.ok && plan.ids.map(({ design, scenario }) => `${design} ${scenario}`)).toEqual([
      'pc-check read-empty',
      'pc-check read-data',
      'pc-check open',
      'naive-vdso read-empty',
      'naive-vdso read-data',
      'naive-vdso open',
    ]);
    expect(planMatrix(REQUEST)).toEqual(plan);
  });

  it('leaves out designs that are not for the C library', () => {
    const plan = planMatrix({ ...REQUEST, designs: ['async-window', 'pc-check'] });
    expect(plan.ok && new Set(plan.ids.map(({ design }) => design))).toEqual(new Set(['pc-check']));
  });

  it('is refused when nothing is left', () => {
    const plan = planMatrix({ ...REQUEST, designs: ['async-window'] });
    expect(plan.ok ? '' : plan.reason).toMatch(/^nothing to sweep/);
  });

  it.each([
    ['designs', 'no design nothing'],
    ['scenarios', 'no scenario nothing'],
    ['images', 'no vDSO image nothing'],
    ['libcs', 'no C library nothing'],
  ])('is refused with the name that does not exist: %s', (what, reason) => {
    const plan = planMatrix({ ...REQUEST, [what]: ['nothing'] });
    expect(plan.ok ? '' : plan.reason).toContain(reason);
  });
});

describe('the default images', () => {
  it('show each form once, and both kinds of kernel', () => {
    const known = allImages().flatMap((image) => (image.ok && !isRebuilt(image.id) ? [image] : []));
    const keyOf = (id: string) => {
      const image = known.find((one) => one.id === id)?.image;
      return image?.form;
    };
    const chosen = defaultImages().filter((id) => known.some((image) => image.id === id));
    const keys = chosen.map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(keys)).toEqual(new Set(known.map(({ id }) => keyOf(id))));
    expect(defaultImages().filter(isRebuilt)).toEqual([]);
  });
});

describe('a cell', () => {
  it('without its C library’s programs is skipped, never passed', () => {
    const cell = runCell({ ...cellId('pc-check', 'read-empty'), libc: 'musl-0.0.1' });
    expect(verdictOf(cell)).toBe('skipped');
    expect(cell.kind === 'skipped' && cell.reason).toMatch(/no program read-empty for musl-0\.0\.1: run /);
    expect(allLibcs()).not.toContain('musl-0.0.1');
  });

  it('with a name that does not exist is the caller’s mistake', () => {
    expect(() => runCell(cellId('nothing', 'read-empty'))).toThrow(UnknownNameError);
    expect(findSubject(cellId('pc-check', 'nothing'))).toMatchObject({ ok: false, missing: false });
  });
});

describe('a verdict', () => {
  const point = {
    index: 0,
    moment: 'user',
    place: { address: 0, name: 'f', object: 'program' },
    call: null,
  } as const;
  const cell = (changes: object): CellResult => ({
    kind: 'swept',
    id: cellId('pc-check', 'read-empty'),
    form: 'unified-4.4/int80',
    cpu: 'int80',
    code: '00000000',
    planned: 1,
    executed: 1,
    merged: 0,
    missing: [],
    points: [{ ...point, verdict: { kind: 'pass' } }],
    ...changes,
  });
  const broken = { ...point, verdict: { kind: 'violation', violations: [{ rule: 'bounded', detail: '' }] } };
  const doubtful = { ...point, verdict: { kind: 'inconclusive', reason: '' } };

  it('is clean only for a window that was reached and run completely', () => {
    expect(verdictOf(cell({}))).toBe('clean');
    expect(verdictOf(cell({ planned: 2 }))).toBe('incomplete');
    expect(verdictOf(cell({ missing: ['sleep'] }))).toBe('incomplete');
    expect(verdictOf(cell({ planned: 0, executed: 0, points: [] }))).toBe('incomplete');
  });

  it('is a violation as soon as there is one, and inconclusive before it is clean', () => {
    expect(verdictOf(cell({ points: [doubtful, broken], planned: 3 }))).toBe('violation');
    expect(verdictOf(cell({ points: [doubtful] }))).toBe('inconclusive');
    expect(verdictOf(cell({ points: [doubtful], planned: 2 }))).toBe('incomplete');
  });
});
