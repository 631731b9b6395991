// The parts of the fuzz that know no target: draws, changes, shrinking, and that workers and order change nothing.
import { describe, expect, it } from 'vitest';
import { Draws, formatDraws, parseDraws } from '../../src/fuzz/core/draws.js';
import { fuzz } from '../../src/fuzz/core/engine.js';
import { mutate } from '../../src/fuzz/core/mutate.js';
import { Random } from '../../src/fuzz/core/random.js';
import { shrink } from '../../src/fuzz/core/shrink.js';
import { runSlice, type SliceRequest, TOOL_FAULT } from '../../src/fuzz/core/slice.js';
import type { CaseResult, Target } from '../../src/fuzz/core/target.js';

/** A case is a list of numbers; it fails when two of them are over the limit. */
function listTarget(limit: number, crash = false): Target {
  const numbers = (draws: Draws): number[] => draws.list(8, () => draws.below(1000));
  return {
    id: 'entry',
    home: () => [],
    run: (draws): CaseResult => {
      const drawn = numbers(draws);
      const over = drawn.filter((one) => one > limit).length;
      if (crash && over > 1) throw new RangeError(`${over} numbers over ${limit}`);
      const finding = over > 1 ? { rule: 'limit', place: 'here', detail: `${over} over` } : null;
      return { runs: 1, reached: drawn.map((one) => one % 50), finding, inconclusive: null };
    },
    token: (draws) => formatDraws(draws.taken),
    close: () => undefined,
  };
}

const plan = (cases: number, order: (requests: readonly SliceRequest[]) => readonly SliceRequest[]) => ({
  seed: 3,
  cases,
  casesPerSlice: 40,
  goOn: () => false,
  corpus: [],
  runSlices: async (requests: readonly SliceRequest[]) => {
    const results = new Map(order(requests).map((one) => [one.slice, runSlice(listTarget(900), one)]));
    return requests.flatMap(({ slice }) => results.get(slice) ?? []);
  },
});

describe('draws', () => {
  it('make the same case again from what was taken', () => {
    const first = new Draws([], new Random(5));
    const make = (draws: Draws) => draws.list(5, () => [draws.word(), draws.pick(['a', 'b', 'c'])]);
    expect(make(new Draws([...first.taken]))).toEqual([]);
    const made = make(first);
    expect(made.length).toBeGreaterThan(0);
    expect(make(new Draws(first.taken))).toEqual(made);
  });

  it('are all 0 behind the end of what is given, and never beyond the limit', () => {
    const draws = new Draws([7, 123]);
    expect([draws.below(5), draws.below(100), draws.below(9), draws.below(1)]).toEqual([2, 23, 0, 0]);
  });

  it('go through a token and back, and what is no such text is refused', () => {
    const random = new Random(1);
    for (let i = 0; i < 200; i++) {
      const draws = Array.from({ length: random.below(20) }, () => random.next());
      expect(parseDraws(formatDraws([...draws, 0, 0]))).toEqual(draws.length === 0 ? [0] : draws);
    }
    for (const text of ['', '.', '1..2', '-1', 'zzzzzzz', '1.2.', 'A', '1 2', '99999999']) {
      expect(parseDraws(text), text).toBeNull();
    }
  });

  it('have the same chance for the same seeds, and another for others', () => {
    const numbers = (...seeds: number[]) => {
      const random = new Random(...seeds);
      return Array.from({ length: 8 }, () => random.next());
    };
    expect(numbers(1, 2)).toEqual(numbers(1, 2));
    expect(new Set([numbers(1, 2), numbers(2, 1), numbers(1), numbers(1, 3)].map(String)).size).toBe(4);
  });

  it('change a little from parent to child', () => {
    const random = new Random(9);
    const parent = Array.from({ length: 30 }, (_, i) => i);
    const children = Array.from({ length: 100 }, () => mutate(parent, [500, 501, 502], random));
    expect(children.filter((child) => String(child) !== String(parent)).length).toBeGreaterThan(80);
  });
});

describe('shrinking', () => {
  it('comes to the smallest case, which fails in the same way', () => {
    const target = listTarget(600);
    const { draws, tried } = shrink(target, [1, 5, 1, 900, 1, 7, 1, 601, 1, 999, 1, 3, 0], 'limit at here');
    expect(draws).toEqual([1, 601, 1, 601]);
    expect(tried).toBeLessThan(300);
  });

  it('gives the same for the same case', () => {
    const once = () => shrink(listTarget(10), [2, 77, 2, 88, 2, 99, 1, 11], 'limit at here');
    expect(once()).toEqual(once());
  });
});

describe('a fuzz', () => {
  it('does not depend on the order in which slices are run', async () => {
    const forwards = await fuzz(plan(700, (requests) => requests));
    const backwards = await fuzz(plan(700, (requests) => [...requests].reverse()));
    expect(forwards).toEqual(backwards);
    expect(forwards.cases).toBe(700);
    expect(forwards.found[0]?.finding.rule).toBe('limit');
    expect(forwards.corpus.length).toBeGreaterThan(20);
  });

  it('runs the corpus first', () => {
    const corpus = [[1, 950, 1, 951]];
    const result = runSlice(listTarget(949), { seed: 1, slice: 0, cases: 1, corpus });
    expect(result.found).toHaveLength(1);
  });

  it('takes an exception for a finding, with a place that does not change with numbers', () => {
    const result = runSlice(listTarget(500, true), { seed: 1, slice: 0, cases: 100, corpus: [] });
    expect(result.found.map(({ finding }) => [finding.rule, finding.place])).toEqual([
      [TOOL_FAULT, 'RangeError: N numbers over N'],
    ]);
  });
});
