import type { Event } from '../kernel/history.js';
import { findTask } from '../kernel/kernel.js';
import type { Task } from '../kernel/state.js';
import { mark, role } from '../world/marks.js';
import type { RunRecord } from '../world/record.js';
import type { ShadowFrame } from '../world/shadow/index.js';
import { type Ending, INSTRUCTION_BOUND, type World, type WorldSnapshot } from '../world/world.js';
import { endsWindow } from './endings.js';
import { openWorld } from './open-world.js';
import { type OwnWindow, ownMark } from './own-window.js';
import { type Plan, resumption } from './plan.js';
import { deadStack, noteDepth, type StackUse } from './stack-use.js';
import type { Subject } from './subject.js';
import type { Unwinding } from './unwind/unwinding.js';
import { sight, type WatchedCall } from './watch.js';

/** What is known of the run from its history so far; part of a snapshot. */
interface Observed extends StackUse {
  /** Events looked at. */
  events: number;
  /** Handlers of the target that have begun and not returned. */
  handlers: number;
  watched: WatchedCall | null;
  /** The target has left its window, by its end or by acting on the cancellation. */
  over: boolean;
}

export interface SessionSnapshot {
  readonly world: WorldSnapshot;
  readonly observed: Readonly<Observed>;
  /** Null where unwinding is not looked at, or the target has moved unseen. */
  readonly shadow: ShadowFrame | null;
}

export type OpenResult =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly reason: string };

/** Called before each instruction of a traced run. */
export type Tracer = (tid: number, eip: number) => void;

const NOWHERE = -1;

/** A world that stands at the begin of the target thread's window, and the few moves that exploration is made of. */
export class Session {
  readonly subject: Subject;
  readonly world: World;
  readonly target: number;
  /** Events before the window. */
  readonly begin: number;
  private readonly observed: Observed;
  tracer: Tracer | null = null;
  private plan: Plan | null = null;
  private cursor = NOWHERE;

  private constructor(
    subject: Subject,
    world: World,
    target: number,
    /** Looks at every instruction of the target; null when nobody asked for it. */
    readonly unwinding: Unwinding | null,
  ) {
    this.subject = subject;
    this.world = world;
    this.target = target;
    this.begin = world.history.length;
    this.observed = {
      events: this.begin,
      handlers: 0,
      watched: null,
      top: world.cpu.get('esp'),
      deepest: 0xffffffff,
      over: false,
    };
  }

  /** Runs the program to the begin of its window: see openWorld. */
  static open(subject: Subject, unwind = false): OpenResult {
    const opened = openWorld(subject, unwind);
    if (!opened.ok) return opened;
    const { world, target, unwinding } = opened;
    return { ok: true, session: new Session(subject, world, target, unwinding) };
  }

  get targetTask(): Task {
    const task = findTask(this.world.kernel, this.target);
    if (task === undefined) throw new Error(`no task ${this.target}`);
    return task;
  }

  /** True when the target's window has ended. */
  get over(): boolean {
    return this.observed.over;
  }

  /** A handler of the target has begun and not returned. */
  get inHandler(): boolean {
    return this.observed.handlers > 0;
  }

  /** One transition of the current task; the target in its window, handlers included, moves by one instruction. */
  step(): Ending | null {
    const task = this.world.current;
    if (task.phase.kind === 'user' && !task.signalPending) {
      if (this.isWatching(task)) this.look();
      else this.lookInHandler(task);
      this.tracer?.(task.tid, this.world.cpu.get('eip'));
      if (task.tid === this.target) this.unwinding?.look();
    }
    const stepped = task.tid === this.target && !this.observed.over;
    const single = this.tracer !== null || stepped;
    const ending = this.move(single ? 1 : INSTRUCTION_BOUND, single);
    if (stepped) this.noteDepth(task);
    return ending;
  }

  private noteDepth(task: Task): void {
    if (task.tid === this.target) noteDepth(this.observed, task, this.world.cpu.get('esp'));
  }

  /** Memory below the target's stack pointer that it has used: no program may count on what is in it. */
  deadStack(): { from: number; length: number } | null {
    const { current, cpu } = this.world;
    return current.tid === this.target ? deadStack(this.observed, current, cpu.get('esp')) : null;
  }

  /** What this session remembers, as far as it decides how a run goes on. */
  observedKey(): string {
    const { handlers, watched, over } = this.observed;
    return JSON.stringify([handlers, watched, over]);
  }

  /**
   * Moves the current task up to its next trap. The target in its window is watched on the way: it runs freely only where
   * the main line's plan says that there is nothing to see, else by single instructions.
   */
  advance(): Ending | null {
    if (this.tracer !== null) return this.step();
    const task = this.world.current;
    if (task.tid === this.target && !this.observed.over && this.unwinding?.isFollowing === true)
      return this.follow(this.unwinding);
    const { enter, own } = this.subject;
    const nothingToSee = !this.isWatching(task) || (enter === null && own === undefined);
    if (nothingToSee || task.phase.kind !== 'user' || task.signalPending) {
      const ending = this.move(INSTRUCTION_BOUND, false);
      this.noteDepth(task);
      return ending;
    }
    this.look();
    const { cpu } = this.world;
    const quiet = this.quietInstructions(cpu.get('eip'));
    if (quiet > 1) {
      this.cursor += quiet;
      return this.move(quiet, true);
    }
    this.cursor = NOWHERE;
    return this.move(1, true);
  }

  /** By single instructions, but for what the main line has shown already. */
  private follow(unwinding: Unwinding): Ending | null {
    const { cpu } = this.world;
    if (!this.targetRuns() || this.observed.handlers > 0) return this.step();
    const { index, quiet, onPlan } = resumption(this.plan, this.cursor, cpu);
    this.cursor = onPlan ? index + 1 : NOWHERE;
    if (quiet <= 1 || this.observed.watched !== null || cpu.get('eip') === this.subject.enter)
      return this.step();
    this.look();
    this.cursor = index + quiet;
    const ending = this.move(quiet, true);
    const seen = unwinding.resume(this.plan?.[this.cursor]?.stand ?? null, this.observed.over);
    // The run is worth nothing then: it ends here and is made again (see sweep).
    return seen ? ending : { kind: 'deadlock' };
  }

  private move(count: number, limited: boolean): Ending | null {
    const { unwinding } = this;
    if (unwinding !== null && this.targetRuns()) unwinding.before(count);
    const stop = this.world.advance(count);
    unwinding?.after(stop?.kind === 'limit');
    this.observe();
    if (stop?.kind === 'limit' && !limited) return { kind: 'bound', what: 'instructions' };
    return this.world.livelock();
  }

  /** The target's instructions are looked at while it is in its window and not in a handler. */
  private isWatching(task: Task): boolean {
    return task.tid === this.target && !this.observed.over && this.observed.handlers === 0;
  }

  /** Tells the session where in the plan it stands, so that a branch can run through what the main line has shown. */
  at(plan: Plan | null, index: number): void {
    this.plan = plan;
    this.cursor = index;
  }

  /** Instructions until the plan's next sight, if the thread is where the plan says; else 0. */
  private quietInstructions(eip: number): number {
    // Inside the cancellation point every instruction is looked at: a pending cancellation leaves it another way.
    const here = this.observed.watched === null ? this.plan?.[this.cursor] : undefined;
    return here !== undefined && here.address === eip ? here.quiet : 0;
  }

  /** The target is on the CPU, about to execute an instruction. */
  private targetRuns(): boolean {
    const { current } = this.world;
    return current.tid === this.target && current.phase.kind === 'user' && !current.signalPending;
  }

  /** Looks at the target's unwinding where it stands, if it has the CPU in user mode. */
  unwindHere(): void {
    if (this.targetRuns()) this.unwinding?.look();
  }

  private look(): void {
    const seen = sight(this.world.cpu, this.subject, this.observed.watched);
    if (seen === null) return;
    const { what, saved, value, watched } = seen;
    this.world.kernel.history.push({ kind: 'watch', tid: this.target, what, saved, value });
    this.observed.watched = watched;
    if (what === 'act') this.observed.over = true;
  }

  /** A library's handler may act by itself: the window is over then as well, without registers to compare. */
  private lookInHandler(task: Task): void {
    if (task.tid !== this.target || this.observed.over) return;
    if (this.subject.act.includes(this.world.cpu.get('eip'))) this.observed.over = true;
  }

  observe(): void {
    const { history } = this.world;
    for (let i = this.observed.events; i < history.length; i++) {
      const event = history[i];
      if (event !== undefined && event.tid === this.target) this.note(event);
    }
    if (this.subject.own !== undefined) this.lookForEnd(this.subject.own);
    this.observed.events = history.length;
  }

  /** A window that is given by addresses ends where the thread comes to the second one, out of every handler. */
  private lookForEnd({ end }: OwnWindow): void {
    if (!this.isWatching(this.world.current) || !this.targetRuns() || this.world.cpu.get('eip') !== end)
      return;
    const event = ownMark(this.target, mark.windowEnd);
    this.world.kernel.history.push(event);
    this.note(event);
  }

  private note(event: Event): void {
    this.unwinding?.note(event);
    if (event.kind === 'deliver') this.observed.handlers++;
    if (event.kind === 'sigreturn') this.observed.handlers--;
    if (endsWindow(event)) this.observed.over = true;
  }

  /** Puts a runnable task on the CPU; a feeder is let go when nobody else can run. */
  schedule(): Ending | null {
    for (;;) {
      const ending = this.world.schedule();
      if (ending?.kind !== 'parked' || !ending.roles.includes(role.feeder)) return ending;
      this.world.release(role.feeder);
    }
  }

  record(ending: Ending): RunRecord {
    return {
      history: this.world.history,
      ending,
      target: this.target,
      signal: this.subject.design.symbols.signal,
    };
  }

  snapshot(): SessionSnapshot {
    const shadow = this.unwinding?.top ?? null;
    return { world: this.world.snapshot(), observed: { ...this.observed }, shadow };
  }

  restore(snapshot: SessionSnapshot): void {
    this.world.restore(snapshot.world);
    Object.assign(this.observed, snapshot.observed);
    if (this.unwinding !== null) this.unwinding.top = snapshot.shadow;
  }

  discard(snapshot: SessionSnapshot): void {
    this.world.discard(snapshot.world);
  }

  close(): void {
    this.world.close();
  }
}
