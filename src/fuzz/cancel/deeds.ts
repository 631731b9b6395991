// One case of `cancel`: where it is played, and up to four deliveries at points of the window.
import type { Chosen } from '../../explore/choices.js';
import type { HandlerId } from '../../explore/scenarios.js';
import type { CellId } from '../../suite/types.js';
import type { Draws } from '../core/draws.js';

/** What cases are drawn from. */
export interface CancelSpace {
  /** A design with the C library it is for. */
  readonly designs: readonly { readonly design: string; readonly libc: string }[];
  readonly images: readonly string[];
  readonly scenarios: readonly string[];
  /** null: without a handler of the program's own. */
  readonly handlers: readonly (HandlerId | null)[];
}

const DELIVERIES_MAX = 4;

/** The cell comes first: it can be given to cases that are to differ only in their deliveries. */
export function drawCell(draws: Draws, space: CancelSpace): CellId {
  const { design, libc } = draws.pick(space.designs);
  const scenario = draws.pick(space.scenarios);
  const vdso = draws.pick(space.images);
  const handler = draws.pick(space.handlers);
  return { libc, design, vdso, scenario, ...(handler === null ? {} : { handler }) };
}

/**
 * Deliveries of which at least one is the cancellation. `points` is how many the window has without any; after the first
 * delivery points count anew, and there may be more or fewer.
 */
export function drawChoices(draws: Draws, { handler }: CellId, points: number): Chosen[] {
  const index = () => draws.below(Math.max(1, points));
  const before =
    handler === undefined ? [] : draws.list(2, (): Chosen => ({ index: index(), action: 'signal' }));
  const cancel: Chosen = { index: index(), action: 'cancel' };
  const after = draws.list(DELIVERIES_MAX - 1 - before.length, (): Chosen => {
    const action = handler === undefined || draws.oneIn(4) ? 'cancel' : 'signal';
    return { index: index(), action };
  });
  return [...before, cancel, ...after];
}
