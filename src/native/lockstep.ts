/**
 * Model and real process side by side, from the start of main to the end: one instruction each, then everything is
 * compared. The model goes first and thereby says what the real process is about to do, so that nothing waits for what
 * will not come. A stop by single-stepping on the way out of a call is the model's phase 'exit'; a signal the kernel is
 * about to take is a stop as well and is passed on.
 */
import { has } from '../kernel/sigset.js';
import type { World } from '../world/world.js';
import { adoptId, type Leftover, makesId } from './adopt.js';
import { compareFpu, compareMasks, compareRegisters, modelRegisters, registersEqual } from './compare.js';
import { Delivery } from './delivery.js';
import { Comparison, type Counts, type Difference } from './difference.js';
import { Mover } from './mover.js';
import type { Pair } from './pair.js';
import { type Deed, type Place, samePlace, type Visited } from './points.js';
import { isRepeated } from './repeated.js';
import { settleOthers } from './settle.js';
import { takeOutput } from './spawn.js';
import { describeStop, type Stop, type Tracee } from './tracee.js';
import { undefinedFlags } from './undefined-flags.js';

export interface LockstepResult {
  readonly places: readonly Visited[];
  readonly differences: readonly Difference[];
  readonly counts: Counts;
  /** False when the run ended before the place of a deed. */
  readonly injected: boolean;
  readonly ending: string;
  /** After how many instructions the model took over a number of the real kernel (adopt.ts); null for never. */
  readonly adoptedAt: number | null;
  /** What cannot be compared, a sentence; the run was given up there. */
  readonly incomplete: string | null;
}

export interface LockstepOptions {
  readonly deeds: readonly Deed[];
  /** Where it is enough, in user mode with nothing pending; null goes on to the end. */
  readonly until: ((eip: number, step: number) => boolean) | null;
  /** Instructions that both have executed already. */
  readonly from: number;
  readonly describe: (eip: number) => string;
  /** After how many differences a run is given up. */
  readonly differencesMax: number;
}

const SIGTRAP = 5;
const SIGSEGV = 11;
const STEPS_MAX = 100_000;
/** Longer sleeps are not waited for: the run ends with both asleep. */
const SLEEP_MAX_NS = 200_000_000;

export class Lockstep {
  private readonly world: World;
  private readonly tracee: Tracee;
  private readonly comparison: Comparison;
  private readonly places: Visited[] = [];
  private readonly mover: Mover;
  private readonly delivery: Delivery;
  private step: number;
  private due: readonly Deed[];
  /**
   * No call is made when a fast instruction's stack cannot be read, and no stop reported: the real process is an instruction
   * behind, and nothing can be posted between the two.
   */
  private behind = false;
  private ending: string | null = null;
  private incomplete: string | null = null;
  private adoptedAt: number | null = null;
  private readonly main: number;

  constructor(
    private readonly pair: Pair,
    xsaveSize: number | null,
    /** Filled with what is to be removed when the real process is gone. */
    private readonly leftovers: Leftover[],
    private readonly options: LockstepOptions,
  ) {
    this.world = pair.world;
    this.tracee = pair.tracee;
    this.step = options.from;
    this.due = options.deeds;
    this.main = pair.world.current.tid;
    this.comparison = new Comparison(() => this.where());
    this.comparison.counts.runs = 1;
    this.mover = new Mover(pair.tracee);
    this.delivery = new Delivery(pair, this.mover, this.comparison, xsaveSize);
  }

  run(): LockstepResult {
    const stop = this.world.observe((event) => {
      this.delivery.observe(event);
      if (event.kind === 'unmodelled') this.incomplete ??= `${event.what} is not modelled`;
    });
    try {
      while (this.ending === null) {
        this.transition();
        if (this.isStopped()) this.incomplete ??= 'a stop is not compared: a tracer has it in its hands';
        if (this.incomplete !== null) this.ending = this.incomplete;
        else settleOthers(this.world, this.main);
      }
    } finally {
      stop();
    }
    const { differences, counts } = this.comparison;
    const { places, ending, incomplete, adoptedAt } = this;
    const injected = this.due.length === 0;
    return { places, differences, counts, injected, ending, incomplete, adoptedAt };
  }

  /** By job control: neither asleep nor at its end, and yet nothing it could do. */
  private isStopped(): boolean {
    const { current } = this.world;
    return (
      current.phase.kind !== 'asleep' && current.phase.kind !== 'dead' && !this.world.isRunnable(current)
    );
  }

  private where(): string {
    const { phase } = this.world.current;
    return `instruction ${this.step}, ${this.options.describe(this.world.cpu.get('eip'))} (${phase.kind})`;
  }

  private transition(): void {
    if (this.comparison.differences.length >= this.options.differencesMax) {
      this.ending = 'given up: too many differences';
      return;
    }
    const task = this.world.current;
    switch (task.phase.kind) {
      case 'user':
        if (task.signalPending) this.ending = this.delivery.run();
        else this.user();
        return;
      case 'entry':
        this.entry();
        return;
      case 'asleep':
        this.asleep();
        return;
      case 'woken':
        this.world.advance(1);
        return;
      case 'exit':
        this.exit();
        return;
      case 'dead':
        this.died();
    }
  }

  /** Remembers the place, or does what is to be done there. Returns whether there was something. */
  private visit(kind: Place['kind'], before?: () => void): boolean {
    const place = { kind, step: this.step };
    if (this.options.deeds.length === 0) this.places.push({ ...place, eip: this.world.cpu.get('eip') });
    const [next, ...rest] = this.due;
    if (next === undefined || !samePlace(place, next.place)) return false;
    before?.();
    this.due = rest;
    next.perform(this.pair);
    return true;
  }

  private user(): void {
    if (!this.behind && this.visit('user')) return;
    this.behind = false;
    if (this.options.until?.(this.world.cpu.get('eip'), this.step)) {
      this.ending = 'the end';
      return;
    }
    if (this.step > STEPS_MAX) {
      this.ending = 'given up: too many instructions';
      return;
    }
    const { cpu } = this.world;
    const code = cpu.read(cpu.get('eip'), 8) ?? new Uint8Array(8);
    const stop = this.world.advance(1);
    this.step++;
    if (this.world.current.phase.kind === 'exit') {
      this.world.advance(1);
      this.behind = true;
    }
    if (stop?.kind !== 'limit') return;
    const native = this.mover.next();
    if (native.kind !== 'signal' || native.sig !== SIGTRAP) {
      this.unexpected('a completed instruction', native);
      return;
    }
    this.compareStep(code);
  }

  private compareStep(code: Uint8Array): void {
    const { cpu } = this.world;
    const native = this.tracee.registers();
    // The emulator stops once more between the last iteration of a repeated instruction and its end.
    if (native.eip !== cpu.get('eip') && isRepeated(code)) this.world.advance(1);
    this.comparison.counts.steps++;
    const undefinedBits = undefinedFlags(code);
    if (!registersEqual(this.world, native, undefinedBits)) {
      compareRegisters(this.comparison, '', modelRegisters(this.world), native);
    }
    const flags = cpu.getEflags();
    if (((flags ^ native.eflags) & undefinedBits) !== 0) {
      cpu.setEflags((flags & ~undefinedBits) | (native.eflags & undefinedBits));
    }
  }

  private entry(): void {
    this.comparison.counts.calls++;
    this.visit('entry', () => {
      this.mover.resume('syscall');
      const stop = this.mover.await();
      if (stop.kind !== 'syscall') this.unexpected('the entry of a call', stop);
    });
    if (this.ending === null) this.world.advance(1);
  }

  private asleep(): void {
    if (!this.mover.moving) this.mover.resume('step');
    if (this.tracee.awaitSleep() === 'stopped') {
      this.comparison.text('call', 'asleep', 'returned');
      this.ending = 'the model sleeps';
      return;
    }
    if (this.visit('asleep') && this.world.current.phase.kind !== 'asleep') return;
    const { phase } = this.world.current;
    const deadline = phase.kind === 'asleep' ? phase.wait.deadline : null;
    const { now, timers } = this.world.kernel.state;
    const first = Math.min(deadline ?? Infinity, ...timers.map((timer) => timer.deadline ?? Infinity));
    if (first - now > SLEEP_MAX_NS) this.ending = 'asleep';
    else this.world.schedule();
  }

  private exit(): void {
    const task = this.world.current;
    const native = this.mover.next();
    this.delivery.early =
      native.kind === 'signal' && native.sig === SIGSEGV && has(task.pending.set, SIGSEGV);
    if (native.kind !== 'signal' || (native.sig !== SIGTRAP && !this.delivery.early)) {
      this.unexpected('the end of a call', native);
      return;
    }
    this.comparison.counts.steps++;
    const registers = this.tracee.registers();
    if (makesId(this.world)) this.adopt(registers.eax);
    if (!registersEqual(this.world, registers, 0)) {
      compareRegisters(this.comparison, '', modelRegisters(this.world), registers);
    }
    this.comparison.word('orig_eax', task.origEax, registers.origEax);
    if (this.delivery.early) this.mover.carried = SIGSEGV;
    else compareMasks(this.comparison, this.world, this.tracee);
    this.compareSigreturn();
    this.visit('exit');
    // A task that was adopted is another object.
    if (this.world.current.signalPending) this.ending = this.delivery.run();
    else this.world.advance(1);
  }

  private adopt(eax: number): void {
    this.adoptedAt ??= this.step;
    const leftover = adoptId(this.pair, eax);
    if (leftover !== null) this.leftovers.push(leftover);
  }

  private compareSigreturn(): void {
    const last = this.world.history.at(-1);
    if (last?.kind !== 'sigreturn') return;
    this.comparison.counts.sigreturns++;
    compareFpu(this.comparison, this.world.cpu.fxsave(), this.tracee.fxsave());
  }

  /** The model's process has ended: so must the real one, after any number of signals. */
  private died(): void {
    const exit = this.world.kernel.state.processes[0]?.exit;
    const model =
      exit?.kind === 'exited' ? `exit ${exit.status}` : `killed by ${exit?.kind === 'killed' ? exit.sig : 0}`;
    const stop = this.delivery.end();
    const native =
      stop.kind === 'exited'
        ? `exit ${stop.status}`
        : stop.kind === 'killed'
          ? `killed by ${stop.sig}`
          : 'alive';
    this.comparison.text('end', model, native);
    this.compareOutput();
    this.ending = model;
  }

  private compareOutput(): void {
    const model = this.world.history.flatMap((event) => (event.kind === 'output' ? [event.bytes] : []));
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    this.comparison.text('output', hex(Buffer.concat(model)), hex(takeOutput()));
  }

  private unexpected(model: string, stop: Stop): void {
    this.comparison.text('stop', model, describeStop(stop));
    this.ending = 'the real process does something else';
  }
}
