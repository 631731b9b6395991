// Which cells of two versions are compared, and what counts as a change.
import { describe, expect, it } from 'vitest';
import type { RuleId } from '../../src/rules/types.js';
import { allLibcs } from '../../src/suite/catalog.js';
import { changeOf, type DiffPair, type DiffRequest, planDiff } from '../../src/suite/diff.js';
import { defaultImages } from '../../src/suite/plan.js';
import type { CellResult, PointResult } from '../../src/suite/types.js';
import { cellId, IMAGE, MUSL } from './cells.js';

const REQUEST: DiffRequest = {
  from: 'glibc-2.36',
  to: 'glibc-2.41',
  scenarios: ['read-data'],
  libcs: [MUSL],
};
const both = ['glibc-2.36', 'glibc-2.41', MUSL].every((libc) => allLibcs().includes(libc));

function pairsOf(changes: Partial<DiffRequest>): readonly DiffPair[] {
  const plan = planDiff({ ...REQUEST, ...changes });
  if (!plan.ok) throw new Error(plan.reason);
  return plan.pairs;
}

const reasonOf = (changes: Partial<DiffRequest>): string => {
  const plan = planDiff({ ...REQUEST, ...changes });
  return plan.ok ? 'no reason' : plan.reason;
};

describe.skipIf(!both)('two C libraries', () => {
  it('are compared by what each ships as its own, on the newest default image', () => {
    const vdso = defaultImages().at(-1);
    expect(pairsOf({})).toEqual([
      {
        before: { libc: 'glibc-2.36', design: 'async-window', vdso, scenario: 'read-data' },
        after: { libc: 'glibc-2.41', design: 'pc-check-glibc', vdso, scenario: 'read-data' },
      },
    ]);
  });

  it('are compared by each design that fits both', () => {
    const designs = (changes: Partial<DiffRequest>) =>
      pairsOf(changes).map(({ before, after }) => `${before.design} ${after.design}`);
    expect(designs({ from: MUSL, to: MUSL })).toEqual(['pc-check pc-check', 'naive-vdso naive-vdso']);
    expect(designs({ from: MUSL, to: 'glibc-2.36' })).toEqual(['pc-check async-window']);
    expect(designs({ from: MUSL, to: MUSL, designs: ['unwind'] })).toEqual(['unwind unwind']);
  });

  it('are refused with a reason when there is nothing to compare', () => {
    expect(reasonOf({ designs: ['naive-vdso'] })).toMatch(/have nothing in common/);
    expect(reasonOf({ from: 'musl-0.0.1' })).toBe('no C library and no vDSO image is called musl-0.0.1');
    expect(reasonOf({ to: IMAGE })).toMatch(/are a C library and a vDSO image: give two of a kind$/);
    expect(reasonOf({ scenarios: ['nothing'] })).toBe('no scenario nothing');
    expect(reasonOf({ designs: ['nothing'] })).toBe('no design nothing');
    expect(reasonOf({ images: ['nothing'] })).toMatch(/^no vDSO image nothing/);
  });
});

describe('two images', () => {
  const images = (from: string, to: string) =>
    pairsOf({ from, to, designs: ['pc-check'] }).map(({ before, after }) => `${before.vdso} ${after.vdso}`);

  it('are compared for every kind of CPU that both have', () => {
    expect(images('6.1-686', '7.0-amd64')).toEqual([
      '6.1-686/int80 7.0-amd64/int80',
      '6.1-686/sysenter 7.0-amd64/sysenter',
    ]);
    expect(images('rebuilt-amd64/syscall-amd-2003', '7.0-amd64')).toEqual([
      'rebuilt-amd64/syscall-amd-2003 7.0-amd64/syscall',
    ]);
  });

  it('are refused when they have no kind of CPU in common, and with other images', () => {
    expect(reasonOf({ from: '6.1-686/int80', to: '6.1-686/sysenter' })).toMatch(/have nothing in common/);
    expect(reasonOf({ from: '6.1-686', to: '7.0-amd64', images: [IMAGE] })).toMatch(
      /--vdso is for two C libraries/,
    );
  });
});

describe('a change', () => {
  const point = (name: string, rule: RuleId | null): PointResult => ({
    index: 0,
    moment: 'user',
    place: { address: 0, name, object: 'program' },
    call: null,
    verdict: rule === null ? { kind: 'pass' } : { kind: 'violation', violations: [{ rule, detail: '' }] },
  });
  const cell = (points: readonly PointResult[], vdso = '7.0-amd64/syscall'): CellResult => ({
    kind: 'swept',
    id: cellId('pc-check', 'read-data', vdso),
    form: 'unified-7.0/syscall',
    cpu: 'syscall',
    code: '00000000',
    planned: points.length,
    executed: points.length,
    merged: 0,
    missing: [],
    points,
  });
  const [pass, lost] = [point('f', null), point('f+3', 'no-lost-cancel')];
  const other = (points: readonly PointResult[]) => cell(points, '7.3-amd64/syscall');

  it('of the verdict comes first', () => {
    expect(changeOf(cell([pass]), other([lost, pass]))).toBe('verdict');
    expect(changeOf(cell([pass]), { kind: 'skipped', id: cellId('pc-check', 'read-data'), reason: '' })).toBe(
      'verdict',
    );
  });

  it('of what is found is a broken rule, or another function where it begins; an offset is none', () => {
    expect(changeOf(cell([lost]), other([point('f+3', 'bounded')]))).toBe('findings');
    expect(changeOf(cell([lost]), other([point('g', 'no-lost-cancel')]))).toBe('findings');
    expect(changeOf(cell([lost]), other([point('f+9', 'no-lost-cancel')]))).toBe('nothing');
  });

  it('of the numbers of points is told from none', () => {
    expect(changeOf(cell([pass]), other([pass, pass]))).toBe('points');
    expect(changeOf(cell([lost, pass]), other([lost, lost]))).toBe('points');
    expect(changeOf(cell([pass]), other([pass]))).toBe('nothing');
  });

  it('is impossible where the same code is executed', () => {
    const before = cell([lost]);
    expect(changeOf(before, { ...other([lost]), sameCodeAs: before.id } as CellResult)).toBe('code');
  });
});
