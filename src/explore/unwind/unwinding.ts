// The shadow stack of a session's target, and the looks at it: moved with every instruction that the target is stepped by,
// given up when it runs freely.
import type { Event } from '../../kernel/history.js';
import {
  afterDelivery,
  afterInstruction,
  afterSigreturn,
  type CallKind,
  framesKey,
  type ShadowFrame,
} from '../../world/shadow/index.js';
import { INSTRUCTION_BOUND, type World, type WorldSnapshot } from '../../world/world.js';
import type { Subject } from '../subject.js';
import { UnwindWatch } from './watch.js';

/** The target's place and frames at a point of the main line. */
export interface Stand {
  readonly eip: number;
  readonly esp: number;
  readonly top: ShadowFrame;
}

export class Unwinding {
  readonly watch: UnwindWatch;
  readonly #world: World;
  readonly #target: number;
  readonly #act: ReadonlySet<number>;
  /** Null when the target has moved unseen. */
  top: ShadowFrame | null;
  /** A free run has gone another way than the main line. */
  #missed = false;
  #before: { readonly kind: CallKind; readonly esp: number } | null = null;

  constructor(subject: Subject, world: World, target: number, top: ShadowFrame | null) {
    this.watch = new UnwindWatch(subject, world.cpu);
    this.#world = world;
    this.#target = target;
    this.#act = new Set(subject.act);
    this.top = top;
  }

  /** Where the target, which has the CPU, stands now. */
  stand(): Stand | null {
    const { cpu, current } = this.#world;
    if (this.top === null || current.tid !== this.#target) return null;
    return { eip: cpu.get('eip'), esp: cpu.get('esp'), top: this.top };
  }

  /**
   * After a free run along the main line: goes on with the frames that the main line had, if the run ended where that was.
   * Else something was not seen, and the branch has to be run again: false.
   */
  resume(stand: Stand | null, over: boolean): boolean {
    const { cpu } = this.#world;
    if (stand !== null && stand.eip === cpu.get('eip') && stand.esp === cpu.get('esp')) this.top = stand.top;
    else if (!over) this.#missed = true;
    return !this.#missed;
  }

  /** Something was not seen since `again`. */
  get hasMissed(): boolean {
    return this.#missed;
  }

  /** The same run is about to be made once more, with everything seen. */
  again(): void {
    this.#missed = false;
  }

  /** The frames as text: two states with equal ones are unwound alike from here on. */
  key(): string {
    return this.top === null ? 'unseen' : framesKey(this.top);
  }

  /** Every instruction is looked at, not only those of the main line. */
  get isFollowing(): boolean {
    return this.top !== null;
  }

  /** The target is about to execute at most this many instructions. */
  before(count: number): void {
    // Where many are executed at once nothing is seen.
    if (count > 1) this.top = null;
    if (this.top === null) return;
    this.#before = { kind: this.watch.kindHere(), esp: this.#world.cpu.get('esp') };
  }

  /** A transition is over; `executed`: it was that one instruction, and it has been executed. */
  after(executed: boolean): void {
    const { top } = this;
    if (top !== null && executed && this.#before !== null)
      this.top = afterInstruction(top, this.#before.kind, this.#before.esp, this.#world.cpu);
    this.#before = null;
  }

  /** Looks at the instruction where the target stands; what is wrong goes into the history. */
  look(): void {
    if (this.top === null) return;
    this.#log(this.watch.look(this.#target, this.top));
    // From here on the library acts on the cancellation: its unwinder runs, and the thread ends.
    if (this.#act.has(this.#world.cpu.get('eip'))) this.top = null;
  }

  /** An event of the target. */
  note(event: Event): void {
    if (this.top === null) return;
    if (event.kind === 'deliver') {
      this.top = afterDelivery(this.top, event, this.#world.cpu);
      this.#log(this.watch.lookFromHandler(this.#target, this.top));
    }
    if (event.kind === 'sigreturn') this.top = afterSigreturn(this.top, event);
  }

  #log(event: Event | null): void {
    if (event !== null) this.#world.kernel.history.push(event);
  }
}

/** Worlds as they were when each thread was made: from there a thread's shadow stack can be built. */
export class Births {
  readonly #world: World;
  readonly #snapshots = new Map<number, WorldSnapshot>();
  #events = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** To be called between transitions. */
  look(): void {
    const { history } = this.#world;
    for (; this.#events < history.length; this.#events++) {
      const event = history[this.#events];
      if (event?.kind === 'spawn') this.#snapshots.set(event.child, this.#world.snapshot());
    }
  }

  /**
   * Runs again from the birth of a thread until `until`, with that thread by single instructions; the world ends up where it
   * was. Null for a thread that was not born here.
   */
  retrace(subject: Subject, tid: number, until: () => boolean): Unwinding | null {
    const world = this.#world;
    const birth = this.#snapshots.get(tid);
    if (birth === undefined) return null;
    world.restore(birth);
    const unwinding = new Unwinding(subject, world, tid, { kind: 'start' });
    let events = world.history.length;
    while (world.schedule() === null && !until()) {
      const { current } = world;
      const stepped = current.tid === tid && current.phase.kind === 'user' && !current.signalPending;
      if (stepped) unwinding.before(1);
      const stop = world.advance(stepped ? 1 : INSTRUCTION_BOUND);
      unwinding.after(stop?.kind === 'limit');
      for (; events < world.history.length; events++) {
        const event = world.history[events];
        if (event?.tid === tid) unwinding.note(event);
      }
    }
    for (const snapshot of this.#snapshots.values()) world.discard(snapshot);
    return unwinding;
  }
}
