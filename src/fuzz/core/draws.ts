// What a case is made of: a row of small decisions. One generator draws them all, whether from chance, from a case kept
// before, or from a token; so that keeping, changing, shrinking and replaying a case is the same for every target.
// The idea is Hypothesis' (MacIver and Donaldson, "Test-Case Reduction via Test-Case Generation", ECOOP 2020).
import type { Random } from './random.js';

/** A part of the row that belongs together, such as one element of a list: shrinking takes out whole groups first. */
export interface Group {
  readonly from: number;
  readonly to: number;
}

export class Draws {
  /** Everything decided so far; given again it makes the same case. */
  readonly taken: number[] = [];
  readonly groups: Group[] = [];

  /** Decisions come from `given`, behind its end from chance, or are 0 without. */
  constructor(
    private readonly given: readonly number[],
    private readonly random: Random | null = null,
  ) {}

  /** 0 up to but not including `limit` (1 to 2^32). Whoever asks makes 0 the simplest answer. */
  below(limit: number): number {
    const given = this.given[this.taken.length];
    const value = given === undefined ? (this.random?.below(limit) ?? 0) : given % limit;
    this.taken.push(value);
    return value;
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === n - 1;
  }

  /** The first item is the simplest. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  group<T>(make: () => T): T {
    const from = this.taken.length;
    const made = make();
    this.groups.push({ from, to: this.taken.length });
    return made;
  }

  /** Up to `max` items; before each one stands the decision that there is another. */
  list<T>(max: number, make: () => T): T[] {
    const items: T[] = [];
    const another = (): boolean => {
      const from = this.taken.length;
      if (items.length === max || this.below(3) === 0) return false;
      items.push(make());
      this.groups.push({ from, to: this.taken.length });
      return true;
    };
    while (another());
    return items;
  }

  /** 32 bits: mostly values at which code goes wrong, sometimes any. */
  word(): number {
    const kind = this.below(5);
    if (kind === 0) return this.below(16);
    if (kind === 1) return this.pick(EDGES);
    if (kind === 2) return (2 ** this.below(32) - this.below(2)) >>> 0;
    if (kind === 3) return -this.below(600) >>> 0;
    return this.below(2 ** 32);
  }
}

/** Limits of signed and unsigned words, of pages and of user space. */
const EDGES = [
  ...[0, 1, 0xfff, 0x1000, 0xffff, 0x7fffffff, 0x80000000],
  ...[0xbfffffff, 0xc0000000, 0xffffe000, 0xfffff000, 0xffffffff],
];

const RADIX = 36;

/** As a token carries it: numbers in base 36 joined by dots, without the zeros at the end, which are drawn anyway. */
export function formatDraws(draws: readonly number[]): string {
  const last = draws.findLastIndex((value) => value !== 0);
  return last < 0
    ? '0'
    : draws
        .slice(0, last + 1)
        .map((value) => value.toString(RADIX))
        .join('.');
}

/** null when it is not such a text. */
export function parseDraws(text: string): number[] | null {
  if (!/^[0-9a-z]{1,7}(?:\.[0-9a-z]{1,7}){0,4095}$/.test(text)) return null;
  const draws = text.split('.').map((part) => Number.parseInt(part, RADIX));
  return draws.every((value) => value < 2 ** 32) ? draws : null;
}
