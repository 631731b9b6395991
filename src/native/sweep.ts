/**
 * All points of one case of a program: the run without a signal, stepped and compared from main to its end, and then for
 * every place on it and every choice of signals a run that posts them there. The way to the place is not stepped where a
 * breakpoint leads there, since it has been compared already.
 */
import { type Leftover, removeLeftovers } from './adopt.js';
import { addCounts, type Counts, type Difference, noCounts } from './difference.js';
import { againAfterHang, NativeError } from './errors.js';
import { Lockstep, type LockstepResult } from './lockstep.js';
import { type Model, type Pair, runTo, startPair } from './pair.js';
import {
  type Deed,
  formatPosts,
  type Injection,
  isLater,
  type Place,
  type Post,
  type Visited,
} from './points.js';
import { postTo } from './post.js';
import { takeOutput } from './spawn.js';

export interface CaseResult {
  /** Runs with signals, one for each point and choice. */
  readonly points: number;
  readonly counts: Counts;
  readonly differences: readonly CaseDifference[];
  /** Why the case was not, or not wholly, compared. */
  readonly incomplete: string | null;
}

export interface CaseDifference extends Difference {
  /** The point, for people; '' is the run without a signal. */
  readonly point: string;
}

export interface SweepOptions {
  readonly signals: readonly (readonly Post[])[];
  readonly describe: (eip: number) => string;
  /** Only every nth place. */
  readonly stride?: number;
  readonly progress?: (points: number) => void;
}

const DIFFERENCES_PER_RUN = 8;
const DIFFERENCES_PER_CASE = 40;

export interface Collected {
  readonly differences: CaseDifference[];
  readonly total: Counts;
  readonly progress: { points: number };
}

/** All of a case by `sweep`, which returns why it was given up, or null. */
export type Sweep = (model: Model, options: SweepOptions, collected: Collected) => string | null;

export const sweepCase = (model: Model, options: SweepOptions): CaseResult =>
  collect(sweepPoints, model, options);

/** A process that hangs where the model goes on is a difference too, but one that takes long to find: it ends the case. */
export function collect(sweep: Sweep, model: Model, options: SweepOptions): CaseResult {
  const differences: CaseDifference[] = [];
  const total = noCounts();
  const progress = { points: 0 };
  try {
    const incomplete = sweep(model, options, { differences, total, progress });
    return { points: progress.points, counts: total, differences, incomplete };
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    const where = `after ${progress.points} points`;
    differences.push({ point: '', where, field: 'progress', model: 'goes on', native: error.message });
    return { points: progress.points, counts: total, differences, incomplete: error.message };
  }
}

/** Returns why it was given up, or null. */
function sweepPoints(model: Model, options: SweepOptions, collected: Collected): string | null {
  const { differences, total, progress } = collected;
  const main = runOnce(model, null, null, options);
  addCounts(total, main.counts);
  differences.push(...main.differences.map((one) => ({ ...one, point: '' })));
  if (main.incomplete !== null) return main.incomplete;
  const stride = options.stride ?? 1;
  const places = main.places.filter((place, i) => place.kind !== 'user' || i % stride === 0);
  for (const posts of options.signals) {
    for (const place of posts.some(isLater) ? callsThatReturn(main, places) : places) {
      if (differences.length >= DIFFERENCES_PER_CASE) {
        return 'given up: too many differences';
      }
      const result = runOnce(model, { place, posts }, main, options);
      addCounts(total, result.counts);
      progress.points++;
      options.progress?.(progress.points);
      if (result.incomplete !== null) return result.incomplete;
      const point = `${formatPosts(posts)} at ${place.kind} ${place.step}, ${options.describe(place.eip)}`;
      differences.push(...result.differences.map((one) => ({ ...one, point })));
      if (missed(result, posts)) {
        differences.push({
          point,
          where: 'the whole run',
          field: 'point',
          model: 'not reached',
          native: 'unknown',
        });
      }
    }
  }
  return null;
}

/** The process may be killed by what is posted first. */
function missed({ injected, differences, ending }: LockstepResult, posts: readonly Post[]): boolean {
  return !injected && differences.length === 0 && !(posts.some(isLater) && ending.startsWith('killed'));
}

/** Places in calls from which the program goes on. */
function callsThatReturn(main: LockstepResult, places: readonly Visited[]): Visited[] {
  const goesOn = new Set(main.places.flatMap(({ kind, step }) => (kind === 'user' ? [step] : [])));
  return places.filter(({ kind, step }) => kind !== 'user' && goesOn.has(step));
}

function runOnce(
  model: Model,
  injection: Injection | null,
  main: LockstepResult | null,
  options: SweepOptions,
): LockstepResult {
  return againAfterHang(() => attempt(model, injection, main, options));
}

function attempt(
  model: Model,
  injection: Injection | null,
  main: LockstepResult | null,
  { describe }: SweepOptions,
): LockstepResult {
  const pair = startPair(model);
  if (!pair.ok) throw new Error(pair.reason);
  // What a run given up has left.
  takeOutput();
  const leftovers: Leftover[] = [];
  try {
    const from = injection === null || main === null ? 0 : advanceTo(pair, injection.place, main);
    return new Lockstep(pair, model.xsaveSize, leftovers, {
      deeds: injection === null ? [] : deedsOf(injection),
      until: null,
      from,
      describe,
      differencesMax: DIFFERENCES_PER_RUN,
    }).run();
  } finally {
    pair.tracee.kill();
    removeLeftovers(leftovers);
  }
}

function deedsOf({ place, posts }: Injection): Deed[] {
  const post = (at: Place, some: readonly Post[]): Deed => ({
    place: at,
    perform: (pair) => {
      for (const one of some) postTo(pair, one);
    },
  });
  const later = posts.filter(isLater);
  const first = post(place, later.length === 0 ? posts : posts.filter((one) => !isLater(one)));
  // No instruction has been executed since the call began.
  return later.length === 0 ? [first] : [first, post({ kind: 'user', step: place.step }, later)];
}

const EFLAGS_RF = 0x10000;

/** Where the vDSO begins; its code must be stepped, since a free return from a call leaves another ecx. */
const VDSO_FROM = 0xf7f00000;

/** Brings both to the last instruction before `to` that a breakpoint reaches. Returns how many were executed. */
function advanceTo({ world, tracee }: Pair, to: Place, { places, adoptedAt }: LockstepResult): number {
  const seen = new Set<number>();
  let best = 0;
  let target = 0;
  for (const place of places) {
    // After a call of this step there may be a handler, at the same count.
    if (place.step > to.step || (place.step === to.step && to.kind !== 'user')) break;
    // The number would have to be adopted on the way.
    if (adoptedAt !== null && place.step >= adoptedAt) break;
    if (place.kind === 'user' && !seen.has(place.eip) && place.eip < VDSO_FROM) {
      best = place.step;
      target = place.eip;
    }
    seen.add(place.eip);
  }
  if (best < 2 || !runTo(tracee, target)) return 0;
  while (world.cpu.get('eip') !== target || world.current.phase.kind !== 'user') {
    if (world.schedule() !== null) throw new Error('the model does not reach a place it has been at');
    world.advance(1);
  }
  // On the stepped run they were equal but for undefined ones, which a run without steps does not keep equal.
  world.cpu.setEflags(tracee.registers().eflags & ~EFLAGS_RF);
  return best;
}
