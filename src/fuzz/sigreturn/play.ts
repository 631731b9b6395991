// Plays one case of `sigreturn` in the model and notes where its signals came and its frames were changed, so that the same
// can be done to a real process.
import type { Cpu } from '../../cpu/index.js';
import type { Event } from '../../kernel/history.js';
import { killInfo } from '../../kernel/siginfo.js';
import { sendToProcess, sendToThread } from '../../kernel/signal/send.js';
import type { Place } from '../../native/points.js';
import type { World } from '../../world/world.js';
import { mixed } from '../core/random.js';
import type { Problem } from '../entry/outcome.js';
import { prepare } from '../entry/prepare.js';
import { type StagedWorld, stagePlace, theStage } from '../entry/stage.js';
import type { Arrival, SigreturnCase } from './case.js';
import { type FrameEdit, type Write, writeOf } from './edits.js';
import { type Expected, expectReturn, howReturned } from './expect.js';

/** Far above what any case needs. */
const MOVES_MAX = 200;
/** Instructions after the last return: enough to fault on what was restored. */
const AFTER = 3;

/** What is done from outside at one place: frames are changed, then signals arrive. */
export interface SigreturnDeed {
  readonly place: Place;
  readonly edits: readonly FrameEdit[];
  readonly arrivals: readonly Arrival[];
}

export interface SigreturnOutcome {
  readonly problem: Problem | null;
  readonly reached: readonly number[];
  readonly unmodelled: string | null;
  readonly deeds: readonly SigreturnDeed[];
  /** Instructions until it is enough. */
  readonly steps: number;
  /** Numbers of the calls that were made. */
  readonly calls: readonly number[];
}

const NR_SIGRETURN = 119;
const NR_RT_SIGRETURN = 173;
const TKILL = -6;
export const REGISTERS = ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'] as const;

/** The frame whose handler is at its first instruction: ESP is at it, and EDX at the siginfo that only one kind has. */
export function frameHere(cpu: Cpu): { frame: number; rt: boolean } {
  return { frame: cpu.get('esp'), rt: cpu.get('edx') !== 0 };
}

/** An address of the stage, or one of the two trampolines of the vDSO. */
export function symbolIn({ kernel }: World, name: string): number {
  const { base, sigreturn, rtSigreturn } = kernel.config.vdso;
  return name === 'sigreturn'
    ? base + sigreturn
    : name === 'rt_sigreturn'
      ? base + rtSigreturn
      : theStage().at(name);
}

/** What the edits write, one after the other, as they find memory. */
export function writesOf(world: World, edits: readonly FrameEdit[]): Write[] {
  const { cpu } = world;
  const here = frameHere(cpu);
  return edits.flatMap((edit) => {
    const write = writeOf(
      edit,
      here,
      (address) => cpu.readU32(address),
      (name) => symbolIn(world, name),
    );
    if (write !== null) cpu.write(write.address, write.bytes);
    return write === null ? [] : [write];
  });
}

export class SigreturnPlayer {
  readonly world: World;
  /** Told how long the history is when the case begins, for stories. */
  onReady: ((events: number) => void) | null = null;
  private readonly reached: number[] = [];
  private readonly deeds: SigreturnDeed[] = [];
  private problem: Problem | null = null;
  private unmodelled: string | null = null;
  private step = 0;
  private handlers = 0;
  private returns = 0;
  private expected: Expected | null = null;
  private waiting: readonly Arrival[] = [];
  private readonly calls: number[] = [];

  constructor(
    private readonly staged: StagedWorld,
    private readonly of: SigreturnCase,
    private readonly tracer: ((eip: number) => void) | null = null,
  ) {
    this.world = staged.world;
  }

  play(): SigreturnOutcome {
    const { world, of } = this;
    prepare(this.staged, of);
    this.onReady?.(world.history.length);
    for (const [i, name] of REGISTERS.entries()) world.cpu.set(name, of.registers[i] ?? 0);
    world.cpu.set('esp', of.esp);
    world.cpu.set('eip', theStage().at('quiet'));
    world.cpu.setEflags(of.eflags);
    this.waiting = of.arrivals.filter(({ when }) => when === 'handler');
    this.perform(
      [],
      of.arrivals.filter(({ when }) => when === 'begin'),
    );
    this.run();
    const { problem, reached, unmodelled, deeds, step: steps, calls } = this;
    return { problem, reached, unmodelled, deeds, steps, calls };
  }

  private perform(edits: readonly FrameEdit[], arrivals: readonly Arrival[]): void {
    this.deeds.push({ place: { kind: 'user', step: this.step }, edits, arrivals });
    for (const edit of edits) this.reach(mixed(edit.at ^ (edit.field.length << 16)));
    writesOf(this.world, edits);
    for (const arrival of arrivals) this.arrive(arrival);
  }

  private arrive(arrival: Arrival): void {
    const { kernel, current } = this.world;
    const info = killInfo(arrival.sig, TKILL, 1);
    if (arrival.to === 'thread') sendToThread(kernel, 1, current.tid, info);
    else sendToProcess(kernel, 1, current.pid, info);
  }

  private run(): void {
    const { world } = this;
    let left = AFTER;
    for (let moves = 0; moves < MOVES_MAX && left > 0; moves++) {
      const { phase, signalPending } = world.current;
      if (phase.kind === 'dead' || phase.kind === 'asleep' || this.unmodelled !== null) return;
      const inUser = phase.kind === 'user' && !signalPending;
      if (inUser) {
        if (this.returns >= this.handlers && this.handlers > 0) left--;
        this.tracer?.(world.cpu.get('eip'));
      }
      if (phase.kind === 'entry') this.enter(phase.call.nr);
      const from = world.history.length;
      world.advance(1);
      if (inUser) this.step++;
      this.follow(from);
    }
  }

  /** What must come of a return, before the kernel has looked at the frame. */
  private enter(nr: number): void {
    this.calls.push(nr);
    if (nr !== NR_SIGRETURN && nr !== NR_RT_SIGRETURN) return;
    this.expected = expectReturn(this.world, nr === NR_RT_SIGRETURN);
    this.reach(0x1000 | (this.expected.kind === 'bad' ? 0x800 : 0) | (nr & 0xff));
  }

  private follow(from: number): void {
    const { history, current } = this.world;
    if (this.expected !== null) {
      const wrong = howReturned(this.world, this.expected);
      if (wrong !== null && this.problem === null)
        this.problem = { rule: 'sigreturn', place: wrong.what, detail: wrong.detail };
      this.expected = null;
      this.returns++;
    }
    let delivered = false;
    for (let i = from; i < history.length; i++) {
      const event = history[i];
      if (event !== undefined) delivered = this.note(event) || delivered;
    }
    if (delivered && current.phase.kind === 'user' && !current.signalPending) this.inHandler();
  }

  /** Returns whether a handler is entered. */
  private note(event: Event): boolean {
    switch (event.kind) {
      case 'deliver':
        this.handlers++;
        this.reach(0x2000 | event.sig | (this.handlers << 8));
        return true;
      case 'fault':
        this.reach(0x3000 | event.sig | (event.what.length << 8));
        return false;
      case 'unmodelled':
        this.unmodelled ??= event.what;
        return false;
      default:
        return false;
    }
  }

  /** At the first instruction of the handler that runs. */
  private inHandler(): void {
    const edits = this.of.edits[this.handlers - 1] ?? [];
    const next = this.waiting.slice(0, 1);
    this.waiting = this.waiting.slice(1);
    if (edits.length + next.length > 0) this.perform(edits, next);
  }

  private reach(what: number): void {
    this.reached.push(mixed(what ^ mixed(this.world.kernel.config.flavour.length)));
  }

  place(eip: number): string {
    return stagePlace(eip);
  }
}
