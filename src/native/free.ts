/**
 * Runs without stepping: what a step hides is seen here. Both run freely to a breakpoint, all registers are compared, the
 * signals are posted, and both run to the end. So returns from calls are fast ones and leave what they leave in ECX, and
 * flags that the program sets (TF, NT, AC) are its own.
 */
import type { World } from '../world/world.js';
import { compareRegisters, modelRegisters } from './compare.js';
import { addCounts, Comparison } from './difference.js';
import { againAfterHang, NativeError } from './errors.js';
import { type Model, type Pair, runTo, startPair } from './pair.js';
import { formatPosts, type Post, type Visited } from './points.js';
import { postTo } from './post.js';
import { takeOutput } from './spawn.js';
import { type CaseResult, type Collected, collect, type SweepOptions } from './sweep.js';
import type { Stop } from './tracee.js';

/** The status flags: some are undefined after some instructions, and the stepped runs compare them. RF is the debugger's. */
const COMPARED_FLAGS = ~(0x8d5 | 0x10000) >>> 0;
const STEPS_MAX = 20_000;

export const sweepFree = (model: Model, options: SweepOptions): CaseResult =>
  collect(sweepPlaces, model, options);

function sweepPlaces(model: Model, options: SweepOptions, { differences, total, progress }: Collected): null {
  const places = firstVisits(model).filter((_, i) => i % (options.stride ?? 1) === 0);
  for (const posts of options.signals) {
    for (const place of places) {
      const where = options.describe(place.eip);
      const { counts, differences: found } = againAfterHang(() => attempt(model, where, place, posts));
      progress.points++;
      options.progress?.(progress.points);
      addCounts(total, counts);
      const point = `${formatPosts(posts)} at ${where}`;
      differences.push(...found.map((one) => ({ ...one, point })));
    }
  }
  return null;
}

function attempt(model: Model, where: string, place: Visited, posts: readonly Post[]): Comparison {
  const pair = startPair(model);
  if (!pair.ok) throw new NativeError('UNEXPECTED_STOP', pair.reason);
  const comparison = new Comparison(() => `free run, ${where}`);
  takeOutput();
  try {
    runOne(pair, comparison, place, posts);
  } finally {
    pair.tracee.kill();
  }
  return comparison;
}

/** The first time each instruction is reached in user mode, by the model alone. */
function firstVisits({ world, atStart }: Model): Visited[] {
  world.restore(atStart);
  const visits = new Map<number, Visited>();
  for (let step = 0; step < STEPS_MAX && world.schedule() === null; step++) {
    const eip = world.cpu.get('eip');
    const user = world.current.phase.kind === 'user' && !world.current.signalPending;
    if (user && !visits.has(eip)) visits.set(eip, { kind: 'user', step, eip });
    world.advance(1);
  }
  return [...visits.values()];
}

function runOne(pair: Pair, comparison: Comparison, place: Visited, posts: readonly Post[]): void {
  const { world, tracee } = pair;
  comparison.counts.runs++;
  // Each process is at the first of all places without a breakpoint.
  if (place.step > 0 && !runTo(tracee, place.eip)) {
    comparison.text('place', 'reached', 'not reached');
    return;
  }
  reach(world, place.eip);
  const native = tracee.registers();
  const model = modelRegisters(world);
  const flags = { model: model.eflags & COMPARED_FLAGS, native: native.eflags & COMPARED_FLAGS };
  comparison.counts.steps++;
  compareRegisters(comparison, '', { ...model, eflags: 0 }, { ...native, eflags: 0 });
  comparison.word('eflags', flags.model, flags.native);
  for (const post of posts) postTo(pair, post);
  const ending = world.run();
  const exit = ending?.kind === 'ended' ? ending.exit : null;
  const end =
    exit === null ? 'does not end' : exit.kind === 'exited' ? `exit ${exit.status}` : `killed by ${exit.sig}`;
  comparison.text('end', end, endOf(pair));
  const written = world.history.flatMap((event) => (event.kind === 'output' ? [event.bytes] : []));
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  comparison.text('output', text(Buffer.concat(written)), text(takeOutput()));
}

function reach(world: World, eip: number): void {
  while (world.cpu.get('eip') !== eip || world.current.phase.kind !== 'user' || world.current.signalPending) {
    if (world.schedule() !== null)
      throw new NativeError('UNEXPECTED_STOP', `the model misses 0x${eip.toString(16)}, where it has been`);
    world.advance(1);
  }
}

function endOf({ tracee }: Pair): string {
  let stop: Stop = { kind: 'signal', sig: 0 };
  while (stop.kind === 'signal') {
    tracee.resume('continue', stop.sig);
    stop = tracee.wait();
  }
  return stop.kind === 'exited'
    ? `exit ${stop.status}`
    : stop.kind === 'killed'
      ? `killed by ${stop.sig}`
      : 'a call';
}
