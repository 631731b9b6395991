// The smallest case that still shows the same finding: fewer decisions, then lower ones. No chance is involved, so the
// same case always shrinks to the same one.
import { Draws } from './draws.js';
import { findingKey, type Target } from './target.js';

export interface Shrunk {
  readonly draws: readonly number[];
  /** Cases tried on the way. */
  readonly tried: number;
}

/** Trials after which what has been reached is taken: a bound, not a goal; most cases need some hundred. */
const TRIALS_MAX = 4_000;

class Shrinker {
  tried = 0;
  best: readonly number[];
  private groups: readonly { from: number; to: number }[] = [];

  constructor(
    private readonly target: Target,
    private readonly key: string,
    draws: readonly number[],
  ) {
    this.best = draws;
    this.attempt(draws);
  }

  /** Takes the candidate when it shows the finding; what it really drew counts, so that nothing unused is kept. */
  private attempt(candidate: readonly number[]): boolean {
    this.tried++;
    const draws = new Draws(candidate);
    const { finding } = this.target.run(draws);
    if (finding === null || findingKey(finding) !== this.key) return false;
    this.best = trimmed(draws.taken);
    this.groups = draws.groups;
    return true;
  }

  get spent(): boolean {
    return this.tried >= TRIALS_MAX;
  }

  /** Is the candidate smaller and does it still fail? */
  private better(candidate: readonly number[]): boolean {
    return !this.spent && isSmaller(trimmed(candidate), this.best) && this.attempt(candidate);
  }

  /** Leaves whole groups out, long ones first. */
  withoutGroups(): void {
    for (let again = true; again && !this.spent; ) {
      const bySize = [...this.groups].sort((a, b) => b.to - b.from - (a.to - a.from) || b.from - a.from);
      again = bySize.some(({ from, to }) => this.better(this.best.toSpliced(from, to - from)));
    }
  }

  /** Leaves runs of decisions out, wherever they begin. */
  withoutRuns(): void {
    for (let length = 8; length >= 1; length = length >> 1) {
      for (let at = this.best.length - length; at >= 0 && !this.spent; at--) {
        this.better(this.best.toSpliced(at, length));
      }
    }
  }

  /** Makes each decision as low as it can be. */
  lowered(): void {
    for (let at = 0; at < this.best.length && !this.spent; at++) {
      const with_ = (value: number) => this.best.with(at, value);
      if ((this.best[at] ?? 0) === 0 || this.better(with_(0))) continue;
      let [low, high] = [0, this.best[at] ?? 0];
      while (high - low > 1 && !this.spent && at < this.best.length) {
        const middle = low + Math.floor((high - low) / 2);
        if (this.better(with_(middle))) high = this.best[at] ?? 0;
        else low = middle;
      }
      // Failing need not be monotonous: the smallest few are worth a look of their own.
      for (let value = 1; value < Math.min(4, this.best[at] ?? 0); value++)
        if (this.better(with_(value))) break;
    }
  }
}

function trimmed(draws: readonly number[]): readonly number[] {
  return draws.slice(0, draws.findLastIndex((value) => value !== 0) + 1);
}

/** Shorter, or as long and lower in the first decision that differs. */
function isSmaller(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return a.length < b.length;
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

/** `draws` shows a finding with this key. */
export function shrink(target: Target, draws: readonly number[], key: string): Shrunk {
  const shrinker = new Shrinker(target, key, draws);
  for (let before: readonly number[] | null = null; before !== shrinker.best && !shrinker.spent; ) {
    before = shrinker.best;
    shrinker.withoutGroups();
    shrinker.withoutRuns();
    shrinker.lowered();
  }
  return { draws: shrinker.best, tried: shrinker.tried };
}
