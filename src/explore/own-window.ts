// A window in a program that knows nothing of sigsweep: it begins where a thread first comes to one address and ends where that
// thread comes to another. Where the program stands then is found by a run of its own, with a trap instruction at each address
// (Intel SDM, volume 2: INT3, CC); the world that is swept has the program's bytes and is led to the same places.
import type { Event } from '../kernel/history.js';
import { createWorld } from '../world/create.js';
import { role } from '../world/marks.js';
import type { Overlay } from '../world/options.js';
import { type Ending, INSTRUCTION_BOUND, TRANSITION_BOUND, type World } from '../world/world.js';
import { endingText } from './endings.js';
import type { Subject } from './subject.js';

/** What is done to the thread in the window at every point of it. */
export type OwnDeed =
  /** The thread that first comes to `hold`, the entry of pthread_cancel, waits there until the point. */
  { readonly kind: 'cancel'; readonly hold: number } | { readonly kind: 'signal'; readonly sig: number };

/** Addresses are those of the program's own instructions. */
export interface OwnWindow {
  readonly begin: number;
  readonly end: number;
  readonly deed: OwnDeed;
  /** argv[0] included. */
  readonly args: readonly string[];
}

/** A thread comes to an address in the course of a transition, counted from 0. */
interface Arrival {
  readonly transition: number;
  readonly tid: number;
  readonly address: number;
}

type Arrivals =
  | { readonly ok: true; readonly arrivals: readonly Arrival[] }
  | { readonly ok: false; readonly reason: string };

export type OwnWorld =
  | { readonly ok: true; readonly world: World; readonly target: number }
  | { readonly ok: false; readonly reason: string };

const INT3 = 0xcc;
const BREAKPOINT = 3;
/** What a thread is parked as that waits at the window's begin for the canceller to come to its place. */
const AT_BEGIN = 0;

/** A mark that the explorer makes for a program that makes none. */
export function ownMark(tid: number, number: number): Extract<Event, { kind: 'mark' }> {
  const saved = { ebx: 0, esi: 0, edi: 0, ebp: 0, esp: 0, df: false };
  return { kind: 'mark', tid, mark: number, args: [], saved, symbol: true };
}

/**
 * A world in which a thread stands at the window's begin with the CPU, and the canceller, if there is to be one, is parked at
 * its place. The caller closes it.
 */
export function openOwnWorld({ program, vdso, overlay, design }: Subject, own: OwnWindow): OwnWorld {
  const options = { program, vdso, args: own.args, proposals: design.kernel ?? null };
  const scout = createWorld({ ...options, overlay: trapsAt(own, overlay) });
  const created = createWorld({ ...options, overlay });
  if (!created.ok) return { ok: false, reason: created.error.message };
  const { world } = created;
  if (!scout.ok) throw new Error(scout.error.message);
  const found = findArrivals(scout.world, own, (address) => world.cpu.read(address, 1)?.[0] ?? INT3);
  scout.world.close();
  if (found.ok) return { ok: true, world, target: leadTo(world, own, found.arrivals) };
  world.close();
  return found;
}

/** The places at which a thread has to be stopped before anything is swept. */
function stopsOf({ begin, deed }: OwnWindow): number[] {
  return deed.kind === 'cancel' ? [begin, deed.hold] : [begin];
}

/** The same program with a trap at every stop. */
function trapsAt(window: OwnWindow, overlay: Overlay): Overlay {
  const traps = stopsOf(window).map((address) => ({ address, bytes: Uint8Array.of(INT3) }));
  return { ...overlay, patches: [...overlay.patches, ...traps] };
}

/** Runs a world that has the traps, until a thread has come to each; `original`: the bytes that are there otherwise. */
function findArrivals(world: World, window: OwnWindow, original: (address: number) => number): Arrivals {
  const arrivals: Arrival[] = [];
  const open = new Set(stopsOf(window));
  for (let transition = 0; open.size > 0; transition++) {
    const ending = transition < TRANSITION_BOUND ? world.schedule() : TOO_MANY;
    if (ending !== null) return { ok: false, reason: notReached(window, open, ending) };
    const stop = world.advance(INSTRUCTION_BOUND);
    if (stop?.kind === 'limit') return { ok: false, reason: notReached(window, open, TOO_LONG) };
    const address = (world.cpu.get('eip') - 1) >>> 0;
    if (stop?.kind !== 'trap' || stop.vector !== BREAKPOINT || !open.delete(address)) continue;
    arrivals.push({ transition, tid: world.current.tid, address });
    // Nobody else is stopped there; the one that was does not move any more in this world.
    world.cpu.write(address, Uint8Array.of(original(address)));
    world.current.parked = AT_BEGIN;
  }
  return { ok: true, arrivals };
}

const TOO_MANY: Ending = { kind: 'bound', what: 'transitions' };
const TOO_LONG: Ending = { kind: 'bound', what: 'instructions' };

function notReached({ begin }: OwnWindow, open: ReadonlySet<number>, ending: Ending): string {
  const how = endingText(ending);
  if (open.has(begin)) return `no thread comes to the begin of the window: ${how}`;
  return `while one thread waits at the begin of the window, no other comes to the canceller's place: ${how}`;
}

/**
 * Leads a world without traps to where the other one was: the thread in the window has the CPU, and the canceller is parked
 * as in a program that parks itself. Returns the thread in the window.
 */
function leadTo(world: World, window: OwnWindow, arrivals: readonly Arrival[]): number {
  let transition = 0;
  for (const { transition: until, tid, address } of arrivals) {
    for (; transition < until; transition++) {
      world.schedule();
      world.advance(INSTRUCTION_BOUND);
    }
    world.schedule();
    while (world.cpu.get('eip') !== address) world.advance(1);
    if (world.current.tid !== tid || world.current.phase.kind !== 'user')
      throw new Error(`thread ${tid} is not where it was`);
    world.current.parked = address === window.begin ? AT_BEGIN : role.canceller;
    transition++;
  }
  const target = world.tasks().find(({ parked }) => parked === AT_BEGIN);
  if (target === undefined) throw new Error('no thread is at the begin of the window');
  target.parked = null;
  world.switchTo(target.tid);
  return target.tid;
}
