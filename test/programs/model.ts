// Runs a scenario program in the model as the explorer's main line does: nobody is cancelled before the target sleeps.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseElf } from '../../src/elf/index.js';
import type { Event } from '../../src/kernel/history.js';
import { listImages, type VdsoImage } from '../../src/vdso/index.js';
import { createWorld } from '../../src/world/create.js';
import { mark, role } from '../../src/world/marks.js';
import type { Ending } from '../../src/world/world.js';

export const CACHE = 'fixtures/cache';
export const SOURCES = 'fixtures/programs/cancel';
/** What set-up gets by default, and what it gets with SIGSWEEP_ALL=1. */
const DEFAULT_LIBCS = ['musl-1.2.3', 'glibc-2.36', 'glibc-2.41'];
const OTHER_LIBCS = ['musl-1.2.2', 'musl-1.2.5', 'musl-1.2.6', 'glibc-2.31', 'glibc-2.43', 'glibc-2.44'];
export const LIBCS: readonly string[] =
  process.env['SIGSWEEP_ALL'] === '1' ? [...DEFAULT_LIBCS, ...OTHER_LIBCS] : DEFAULT_LIBCS;

/** Ids of all scenarios. */
export const SCENARIOS: readonly string[] = readdirSync(SOURCES)
  .filter((name) => name.endsWith('.c'))
  .map((name) => name.slice(0, -2))
  .sort();

export function programPath(libc: string, scenario: string): string {
  return join(CACHE, 'programs', libc, 'cancel', scenario);
}

/** The usable images and variants, by id. */
export function images(): VdsoImage[] {
  return listImages(join(CACHE, 'vdso')).flatMap((listed) => (listed.ok ? [listed.image] : []));
}

export interface ModelRun {
  readonly ending: Ending | null;
  readonly history: readonly Event[];
  /** Roles in the order in which they were released. */
  readonly released: readonly number[];
}

/** Who goes first when several wait. */
export type Order = readonly number[];

export const FEEDER_FIRST: Order = [role.feeder, role.canceller];
export const CANCELLER_FIRST: Order = [role.canceller, role.feeder];

/** From start to end; whenever nobody can run, the first parked role of `order` goes on. */
export function runInModel(libc: string, scenario: string, vdso: VdsoImage, order: Order): ModelRun {
  const path = programPath(libc, scenario);
  const parsed = parseElf(new Uint8Array(readFileSync(path)), path);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const created = createWorld({ program: parsed.elf, vdso, args: [scenario] });
  if (!created.ok) throw new Error(created.error.message);
  const { world } = created;
  const released: number[] = [];
  try {
    for (;;) {
      const ending = world.run();
      if (ending?.kind !== 'parked') return { ending, history: [...world.history], released };
      const next = order.find((candidate) => ending.roles.includes(candidate));
      if (next === undefined) throw new Error(`parked with unknown roles ${ending.roles.join()}`);
      world.release(next);
      released.push(next);
    }
  } finally {
    world.close();
  }
}

export type MarkEvent = Extract<Event, { kind: 'mark' }>;

/** The marks with this number, in order. */
export function marksOf(history: readonly Event[], name: keyof typeof mark): MarkEvent[] {
  return history.filter((event) => event.kind === 'mark').filter((event) => event.mark === mark[name]);
}
