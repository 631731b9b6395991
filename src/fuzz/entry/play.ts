// Plays one case on one image, instruction by instruction, and notes what can be seen of it.
import type { Cpu } from '../../cpu/index.js';
import type { Event } from '../../kernel/history.js';
import type { Place } from '../../native/points.js';
import type { World } from '../../world/world.js';
import { mixed } from '../core/random.js';
import { bring } from './bring.js';
import { type CaseMoment, type EntryCase, type Happening, isStrict } from './case.js';
import {
  type CallersFrame,
  type CallersRegister,
  callersRegisters,
  checkFrame,
  type EntryRows,
  entersKernel,
} from './frames.js';
import { FrameReader } from './handlers.js';
import { ARGUMENT_NAMES, type Fact, type Outcome, type Problem } from './outcome.js';

import { loadCall, prepare, settingOf } from './prepare.js';
import { type StagedWorld, stagePlace, theStage } from './stage.js';
import { stateFacts } from './state.js';

/** Moves of one call, instructions and transitions in the kernel; a bound, far above what any needs. */
const MOVES_MAX = 2_000;

const ARGUMENTS: readonly CallersRegister[] = ['ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'];
const SEEN = ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp', 'esp'] as const;
const EFLAGS_RF = 0x10000;

/** What happened in a call, and where. */
export type Trail = { place: Place; happenings: readonly Happening[] }[];

/** Told before each instruction of the run, for stories. */
export type EntryTracer = (eip: number) => void;

/** How a case's calls are made. */
export type Way = 'vdso' | 'int80' | 'own';

export class Player {
  readonly world: World;
  /** Told how long the history is when the case begins, for stories. */
  onReady: ((events: number) => void) | null = null;
  /** What happened where, by call, for the real kernel. */
  readonly trail: Trail[] = [];
  /** It slept with an end of its own. */
  timed = false;
  /** Instructions of this call so far. */
  private step = 0;
  private readonly cpu: Cpu;
  private readonly vsyscall: number;
  private readonly vsyscallEnd: number;
  /** Where a call is over that has come so far: from here on nothing makes it again. */
  private readonly pad: number;
  private readonly facts: Fact[] = [];
  private readonly faults: { place: string; what: string }[] = [];
  private readonly reached: number[] = [];
  private problem: Problem | null = null;
  private pendingHappenings: Happening[] = [];
  private readonly frames: FrameReader;
  private caller: CallersFrame | null = null;
  private end = 0;
  private skipped = 0;
  private inHandler = 0;
  private unmodelled: string | null = null;

  constructor(
    private readonly staged: StagedWorld,
    private readonly rows: EntryRows,
    private readonly of: EntryCase,
    private readonly how: Way,
    private readonly tracer: EntryTracer | null = null,
  ) {
    this.world = staged.world;
    this.cpu = staged.world.cpu;
    const { vsyscall, vsyscallSize, landingPad } = staged.image;
    this.vsyscall = this.world.program.vdsoBase + vsyscall;
    this.vsyscallEnd = this.vsyscall + vsyscallSize;
    this.pad = this.world.program.vdsoBase + landingPad;
    this.frames = new FrameReader(this.world);
  }

  play(): Outcome {
    prepare(this.staged, settingOf(this.of));
    this.onReady?.(this.world.history.length);
    let ending: Outcome['ending'] = 'done';
    for (const [i, call] of this.of.calls.entries()) {
      this.pendingHappenings = this.of.happenings.filter((one) => one.call === i);
      const { site, end } = this.site();
      this.end = end;
      this.skipped = 0;
      this.step = 0;
      this.trail.push([]);
      loadCall(this.world, call, this.of, site);
      if (this.how === 'own') this.layReturn();
      this.caller = this.callersFrame();
      this.frames.begin();
      ending = this.run();
      if (ending !== 'done') break;
      this.noteRegisters(i);
    }
    this.noteState(ending);
    const { facts, faults, problem, reached, unmodelled } = this;
    return { facts, faults, problem, reached, unmodelled, ending };
  }

  private site(): { site: number; end: number } {
    const { at } = theStage();
    if (this.how === 'vdso') return { site: at('by_vdso'), end: at('after_vdso') };
    const own = this.staged.image.cpu === 'sysenter' ? at('by_sysenter') : at('by_syscall');
    return { site: this.how === 'own' ? own : at('by_int80'), end: at('after_int80') };
  }

  /** What a landing pad pops: the program's own fast instruction has to have pushed it. */
  private layReturn(): void {
    const { cpu, of } = this;
    for (const [i, word] of [0, 0, 0, this.end].entries()) cpu.writeU32((of.esp + 4 * i) >>> 0, word);
  }

  private callersFrame(): CallersFrame {
    return { esp: this.of.esp, returnTo: this.end, registers: callersRegisters(this.cpu) };
  }

  private run(): Outcome['ending'] {
    const { world } = this;
    for (let moves = 0; moves < MOVES_MAX; moves++) {
      const moment = this.moment();
      if (moment !== null) this.happen(moment);
      const { phase, signalPending } = world.current;
      if (phase.kind === 'asleep') {
        this.timed ||= phase.wait.deadline !== null;
        const stuck = world.schedule();
        if (stuck !== null) return stuck.kind;
        continue;
      }
      if (phase.kind === 'dead') return 'killed';
      if (phase.kind === 'user' && !signalPending) {
        const eip = this.cpu.get('eip');
        if (eip === this.end) return 'done';
        this.look(eip);
        this.tracer?.(eip);
      }
      const from = world.history.length;
      if (phase.kind === 'user' && !signalPending) this.step++;
      world.advance(1);
      this.follow(from);
      if (this.unmodelled !== null) return 'bound';
    }
    this.broken('bounded', this.place(this.cpu.get('eip')), 'the call does not come to an end');
    return 'steps';
  }

  /** null at instructions that count for no moment: inside of a trampoline's call, or where a signal is on its way. */
  private moment(): CaseMoment | null {
    const { phase, signalPending } = this.world.current;
    if (phase.kind !== 'user') return phase.kind === 'dead' || this.inHandler > 0 ? null : phase.kind;
    if (signalPending) return null;
    if (this.inHandler > 0) return 'handler';
    const eip = this.cpu.get('eip');
    const back = eip < this.vsyscallEnd && eip >= this.pad;
    return back || eip === this.end ? 'after' : 'before';
  }

  /** Lets the events of this moment happen that are due. */
  private happen(moment: CaseMoment): void {
    if (this.pendingHappenings.length === 0) return;
    const due = this.pendingHappenings.filter((one) => one.moment === moment && this.isDue(moment, one));
    if (due.length > 0) this.remember(due);
    this.skipped = moment === 'before' || moment === 'after' ? this.skipped + 1 : 0;
    if (due.length === 0) return;
    this.pendingHappenings = this.pendingHappenings.filter((one) => !due.includes(one));
    for (const one of due) this.perform(one);
  }

  private remember(happenings: readonly Happening[]): void {
    const { kind } = this.world.current.phase;
    if (kind !== 'woken' && kind !== 'dead')
      this.trail.at(-1)?.push({ place: { kind, step: this.step }, happenings });
  }

  /** In user mode all events of a moment come together, at the latest where the moment ends: forms differ in length. */
  private isDue(moment: CaseMoment, one: Happening): boolean {
    if (moment === 'handler') return this.frames.instructions >= one.skip;
    if (moment !== 'before' && moment !== 'after') return true;
    const enough = this.skipped >= (moment === 'before' ? this.of.before : this.of.after);
    return enough || this.isLast(moment);
  }

  private isLast(moment: 'before' | 'after'): boolean {
    const eip = this.cpu.get('eip');
    if (moment === 'after') return eip === this.end;
    return entersKernel(this.cpu, eip);
  }

  private perform({ deed, edit }: Happening): void {
    if (edit !== null) this.frames.editNext(edit);
    bring(this.world, deed);
  }

  /** What was reached, and whether the frame can be unwound from here. */
  private look(eip: number): void {
    const inEntry = eip >= this.vsyscall && eip < this.vsyscallEnd;
    const { blocked, pending, restartBlock } = this.world.current;
    const region = inEntry ? eip - this.vsyscall : eip === this.end ? 0x80 : 0x81;
    const state = (pending.infos.length << 12) | ((blocked.low | blocked.high) === 0 ? 0 : 0x800);
    this.reach(region | state | (restartBlock === null ? 0 : 0x400));
    if (!inEntry || this.inHandler > 0 || this.caller === null || this.how !== 'vdso') return;
    if (this.problem !== null || this.frames.edited) return;
    const row = this.rows.get(eip - this.world.program.vdsoBase) ?? null;
    const wrong = checkFrame(this.cpu, row, this.caller);
    if (wrong !== null && isStrict(this.of)) this.broken('unwind', this.place(eip), wrong);
  }

  private reach(what: number): void {
    this.reached.push(
      mixed(what ^ mixed(this.vsyscall + this.staged.image.landingPad + this.inHandler * 64)),
    );
  }

  /** Reads the events of the last move. */
  private follow(from: number): void {
    const { history } = this.world;
    for (let i = from; i < history.length; i++) {
      const event = history[i];
      if (event !== undefined) this.note(event);
    }
    if (this.inHandler > 0 && this.world.current.phase.kind === 'user') this.frames.instructions++;
  }

  private note(event: Event): void {
    switch (event.kind) {
      case 'call':
        this.reach(0x10000 | (event.nr & 0xffff));
        if (this.inHandler > 0) return;
        this.fact('number', event.nr);
        for (const [i, arg] of event.args.entries()) this.fact(ARGUMENT_NAMES[i] ?? '', arg);
        return;
      case 'sleep':
      case 'return':
        this.reach((event.kind === 'sleep' ? 0x20000 : 0x30000) | (event.nr & 0xffff));
        if (event.kind === 'return') this.fact('result in the kernel', event.value);
        return;
      case 'effect':
        this.fact('effect', JSON.stringify(event.effect));
        return;
      case 'deliver':
        this.reach(0x40000 | event.sig | (this.inHandler << 8));
        for (const one of this.frames.delivered(event, this.inHandler > 0)) this.facts.push(one);
        this.inHandler++;
        return;
      case 'restart':
        this.reach(0x50000 | event.code | (event.outcome === 'eintr' ? 0x1000 : 0));
        this.fact('interrupted call', `${event.code} ${event.outcome}`);
        return;
      case 'sigreturn':
        this.inHandler--;
        return;
      case 'fault':
        this.reach(0x60000 | event.sig);
        this.faults.push({ place: this.place(event.at), what: event.what });
        return;
      case 'spawn':
        this.unmodelled ??= 'a second task in a case';
        return;
      case 'unmodelled':
        this.unmodelled ??= event.what;
        return;
      default:
    }
  }

  private fact = (name: string, value: number | string) => this.facts.push({ name, value });

  private broken(rule: string, place: string, detail: string): void {
    this.problem ??= { rule, place, detail };
  }

  place(eip: number): string {
    const inEntry = eip >= this.vsyscall && eip < this.vsyscallEnd;
    return inEntry ? `__kernel_vsyscall+${eip - this.vsyscall}` : stagePlace(eip);
  }

  /** Registers after the call: what the caller owns must be as it was. */
  private noteRegisters(call: number): void {
    const { cpu, caller } = this;
    const flags = (cpu.getEflags() & ~EFLAGS_RF) >>> 0;
    for (const name of SEEN) this.fact(`${name} after call ${call + 1}`, cpu.get(name));
    this.fact(`eflags after call ${call + 1}`, flags);
    if (caller === null || this.frames.edited || !isStrict(this.of)) return;
    const wrong = ARGUMENTS.filter((name) => cpu.get(name) !== caller.registers[name]).map(String);
    if (cpu.get('esp') !== caller.esp) wrong.push('esp');
    if (flags !== this.of.eflags) wrong.push('eflags');
    if (wrong.length > 0)
      this.broken('registers', `the return of ${this.how}`, `not as before the call: ${wrong.join(', ')}`);
  }

  private noteState(ending: Outcome['ending']): void {
    this.facts.push({ name: 'ending', value: ending }, ...stateFacts(this.world));
  }
}
