// A new case from one that reached something new: the same decisions but for a few.
import type { Random } from './random.js';

const CHANGES_MAX = 4;

/** A changed copy; `other` lends a piece when two cases are joined. */
export function mutate(parent: readonly number[], other: readonly number[], random: Random): number[] {
  const draws = [...parent];
  for (let left = 1 + random.below(CHANGES_MAX); left > 0; left--) change(draws, other, random);
  return draws;
}

function change(draws: number[], other: readonly number[], random: Random): void {
  const at = random.below(draws.length + 1);
  const old = draws[at] ?? 0;
  switch (random.below(7)) {
    case 0:
      draws[at] = random.below(8);
      return;
    case 1:
      draws[at] = random.next();
      return;
    case 2:
      draws[at] = Math.max(0, old + random.below(9) - 4);
      return;
    case 3:
      draws.splice(at, 1 + random.below(6));
      return;
    case 4:
      draws.splice(at, 0, random.below(16));
      return;
    case 5:
      draws.splice(at, 0, ...other.slice(random.below(other.length + 1)).slice(0, 1 + random.below(12)));
      return;
    default:
      // Behind here chance goes on.
      draws.length = Math.min(at, draws.length);
  }
}
