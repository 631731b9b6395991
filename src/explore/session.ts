import type { Event } from '../kernel/history.js';
import { findTask } from '../kernel/kernel.js';
import type { Task } from '../kernel/state.js';
import { createWorld } from '../world/create.js';
import { mark, role } from '../world/marks.js';
import type { RunRecord } from '../world/record.js';
import { type Ending, INSTRUCTION_BOUND, type World, type WorldSnapshot } from '../world/world.js';
import type { Subject } from './subject.js';
import { sight, type WatchedCall } from './watch.js';

/** What is known of the run from its history so far; part of a snapshot. */
interface Observed {
  /** Events looked at. */
  readonly events: number;
  /** Handlers of the target that have begun and not returned. */
  readonly handlers: number;
  readonly watched: WatchedCall | null;
  /** The target has left its window, by its end or by acting on the cancellation. */
  readonly over: boolean;
}

export interface SessionSnapshot {
  readonly world: WorldSnapshot;
  readonly observed: Observed;
}

export type OpenResult =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly reason: string };

/** Called before each instruction of a traced run. */
export type Tracer = (tid: number, eip: number) => void;

/** A world that stands at the begin of the target thread's window, and the few moves that exploration is made of. */
export class Session {
  readonly subject: Subject;
  readonly world: World;
  readonly target: number;
  private observed: Observed;
  tracer: Tracer | null = null;

  private constructor(subject: Subject, world: World, target: number) {
    this.subject = subject;
    this.world = world;
    this.target = target;
    this.observed = { events: world.history.length, handlers: 0, watched: null, over: false };
  }

  /** Runs the program to the first instruction after the target's begin mark. */
  static open(subject: Subject): OpenResult {
    const { program, vdso, overlay } = subject;
    const created = createWorld({ program, vdso, overlay, args: [subject.scenario.id] });
    if (!created.ok) return { ok: false, reason: created.error.message };
    const { world } = created;
    const begun = () => findMark(world.history, mark.windowBegin)?.tid;
    const ending = world.run(() => world.current.tid === begun() && world.current.phase.kind === 'user');
    const target = begun();
    if (ending === null && target !== undefined)
      return { ok: true, session: new Session(subject, world, target) };
    world.close();
    return { ok: false, reason: `${subject.scenario.id} did not reach its window: ${endingText(ending)}` };
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

  /**
   * One transition of the current task. The target is stepped by single instructions while it is in its window and not in
   * a handler, so that the watch sees every one; everything else runs up to its next trap.
   */
  advance(): Ending | null {
    const { world } = this;
    const task = world.current;
    const stepped = task.tid === this.target && !this.observed.over && this.observed.handlers === 0;
    if (task.phase.kind === 'user' && !task.signalPending) {
      if (stepped) this.look();
      this.tracer?.(task.tid, world.cpu.get('eip'));
    }
    const single = stepped || this.tracer !== null;
    const stop = world.advance(single ? 1 : INSTRUCTION_BOUND);
    this.observe();
    return stop?.kind === 'limit' && !single ? { kind: 'bound', what: 'instructions' } : null;
  }

  private look(): void {
    const seen = sight(this.world.cpu, this.subject, this.observed.watched);
    if (seen === null) return;
    const { what, saved, value, watched } = seen;
    this.world.kernel.history.push({ kind: 'watch', tid: this.target, what, saved, value });
    this.observed = { ...this.observed, watched, over: this.observed.over || what === 'act' };
  }

  private observe(): void {
    const { history } = this.world;
    for (let i = this.observed.events; i < history.length; i++) {
      const event = history[i];
      if (event !== undefined && event.tid === this.target) this.note(event);
    }
    if (this.observed.events !== history.length) this.observed = { ...this.observed, events: history.length };
  }

  private note(event: Event): void {
    if (event.kind === 'deliver') this.observed = { ...this.observed, handlers: this.observed.handlers + 1 };
    if (event.kind === 'sigreturn')
      this.observed = { ...this.observed, handlers: this.observed.handlers - 1 };
    const end = event.kind === 'mark' && (event.mark === mark.windowEnd || event.mark === mark.cleanup);
    if (end || event.kind === 'exit') this.observed = { ...this.observed, over: true };
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
    return { world: this.world.snapshot(), observed: this.observed };
  }

  restore(snapshot: SessionSnapshot): void {
    this.world.restore(snapshot.world);
    this.observed = snapshot.observed;
  }

  discard(snapshot: SessionSnapshot): void {
    this.world.discard(snapshot.world);
  }

  close(): void {
    this.world.close();
  }
}

export function findMark(
  history: readonly Event[],
  number: number,
): Extract<Event, { kind: 'mark' }> | undefined {
  return history.find(
    (event): event is Extract<Event, { kind: 'mark' }> => event.kind === 'mark' && event.mark === number,
  );
}

export function endingText(ending: Ending | null): string {
  switch (ending?.kind) {
    case undefined:
      return 'the program goes on without it';
    case 'ended':
      return ending.exit.kind === 'exited'
        ? `exit status ${ending.exit.status}`
        : `killed by signal ${ending.exit.sig}`;
    case 'parked':
    case 'deadlock':
      return 'every thread sleeps';
    case 'bound':
      return `the bound of ${ending.what} is reached`;
  }
}
