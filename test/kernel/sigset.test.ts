// Signal sets behave as sets of the numbers 1..64.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EMPTY,
  has,
  intersection,
  isEmpty,
  lowest,
  members,
  only,
  type SignalSet,
  signalSet,
  union,
  without,
} from '../../src/kernel/sigset.js';

const signal = fc.integer({ min: 1, max: 64 });
const numbers = fc.uniqueArray(signal);
const toSet = (sigs: readonly number[]): SignalSet => sigs.map(only).reduce(union, EMPTY);
const sorted = (sigs: Iterable<number>) => [...sigs].sort((a, b) => a - b);

describe('a signal set', () => {
  it('has the members it was made of, whatever the order', () => {
    fc.assert(fc.property(numbers, (sigs) => void expect(members(toSet(sigs))).toEqual(sorted(sigs))));
  });

  it('is combined like sets of numbers', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const [x, y] = [toSet(a), toSet(b)];
        expect(members(union(x, y))).toEqual(sorted(new Set([...a, ...b])));
        expect(members(intersection(x, y))).toEqual(sorted(a.filter((sig) => b.includes(sig))));
        expect(members(without(x, y))).toEqual(sorted(a.filter((sig) => !b.includes(sig))));
      }),
    );
  });

  it('knows its lowest member, 0 when empty', () => {
    fc.assert(
      fc.property(numbers, (sigs) => void expect(lowest(toSet(sigs))).toBe(Math.min(...sigs, 65) % 65)),
    );
  });

  it('answers for single members', () => {
    fc.assert(
      fc.property(
        numbers,
        signal,
        (sigs, sig) => void expect(has(toSet(sigs), sig)).toBe(sigs.includes(sig)),
      ),
    );
  });

  it('keeps its words unsigned', () => {
    expect(only(32)).toEqual({ low: 0x80000000, high: 0 });
    expect(only(64)).toEqual({ low: 0, high: 0x80000000 });
    expect(signalSet(-1, -1)).toEqual({ low: 0xffffffff, high: 0xffffffff });
    expect(isEmpty(EMPTY)).toBe(true);
    expect(isEmpty(only(64))).toBe(false);
  });
});
