// The fuzz's only source of chance: a generator with a seed, so that the same seed gives the same cases.
// SOURCE: xoshiro128** by Blackman and Vigna ("Scrambled Linear Pseudorandom Number Generators"); seeded by MurmurHash3's
// finaliser, so that seeds in a row give streams that have nothing to do with each other.

const ROTATE_STATE = 11;

function rotate(value: number, by: number): number {
  return ((value << by) | (value >>> (32 - by))) >>> 0;
}

/** Every bit of `value` reaches every bit of the 32-bit result. */
export function mixed(value: number): number {
  let bits = (value + 0x9e3779b9) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** Any integers; the order counts. */
  constructor(...seeds: readonly number[]) {
    const seed = seeds.reduce((sum, one) => mixed(sum ^ mixed(one)), 0);
    this.a = mixed(seed);
    this.b = mixed(this.a);
    this.c = mixed(this.b);
    this.d = mixed(this.c) | 1;
  }

  /** 32 bits, unsigned. */
  next(): number {
    const result = Math.imul(rotate(Math.imul(this.b, 5) >>> 0, 7), 9) >>> 0;
    const shifted = (this.b << 9) >>> 0;
    this.c = (this.c ^ this.a) >>> 0;
    this.d = (this.d ^ this.b) >>> 0;
    this.b = (this.b ^ this.c) >>> 0;
    this.a = (this.a ^ this.d) >>> 0;
    this.c = (this.c ^ shifted) >>> 0;
    this.d = rotate(this.d, ROTATE_STATE);
    return result;
  }

  /** 0 up to but not including `limit`, which is at most 2^32. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }
}
