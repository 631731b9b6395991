/**
 * Signals on the way back to user mode, in both: each signal the kernel takes is a stop of the real process, and so is the
 * first instruction of each handler. The model builds all frames in one go, so each is kept as it is built, to be compared
 * when the real process gets there.
 */
import type { Event } from '../kernel/history.js';
import { fpstate, rtSigframe, sigcontext, sigframe } from '../kernel/signal/layout.js';
import type { World } from '../world/world.js';
import {
  compareFpu,
  compareFrame,
  compareMasks,
  compareRegisters,
  type ModelFrame,
  type ModelRegisters,
  modelRegisters,
} from './compare.js';
import type { Comparison } from './difference.js';
import type { Mover } from './mover.js';
import type { Pair } from './pair.js';
import { describeStop, type Stop, type Tracee } from './tracee.js';

const SA_SIGINFO = 4;
const SIGTRAP = 5;
const SIGSEGV = 11;

/** The model at a handler's first instruction. */
interface Delivered {
  readonly sig: number;
  readonly registers: ModelRegisters;
  readonly fxsave: Uint8Array;
  readonly frame: ModelFrame;
}

export class Delivery {
  /** A forced SIGSEGV at the end of a call is taken before the trap that reports the step. */
  early = false;
  private delivered: Delivered[] = [];
  private expectsHandler = false;
  private readonly world: World;
  private readonly tracee: Tracee;

  constructor(
    pair: Pair,
    private readonly mover: Mover,
    private readonly comparison: Comparison,
    private readonly xsaveSize: number | null,
  ) {
    this.world = pair.world;
    this.tracee = pair.tracee;
  }

  observe(event: Event): void {
    if (event.kind !== 'deliver') return;
    const { cpu } = this.world;
    const siginfo = ((this.owner()?.actions[event.sig - 1]?.flags ?? 0) & SA_SIGINFO) !== 0;
    const context = siginfo ? rtSigframe.context : sigframe.context;
    const fpstateAddress = cpu.readU32(event.frame + context + sigcontext.fpstate.at) ?? 0;
    const area = this.xsaveSize === null ? fpstate.fxsaveSize : this.xsaveSize + 4;
    this.delivered.push({
      sig: event.sig,
      registers: modelRegisters(this.world),
      fxsave: cpu.fxsave(),
      frame: {
        siginfo,
        address: event.frame,
        bytes: cpu.read(event.frame, siginfo ? rtSigframe.size : sigframe.size),
        fpstateAddress,
        fpstate: cpu.read(fpstateAddress, fpstate.fxsave + area),
      },
    });
  }

  /** Lets both take what is pending. Returns why the run cannot go on, or null. */
  run(): string | null {
    const before = this.queued();
    const { blocked, savedMask } = this.world.current;
    const events = this.world.history.length;
    this.delivered = [];
    this.world.advance(1);
    if (this.world.current.phase.kind === 'dead') return null;
    const forced = this.world.history.slice(events).filter(({ kind }) => kind === 'fault').length;
    const taken = before + forced - this.queued();
    const problem = this.follow(taken);
    if (problem !== null) return problem;
    // Without a handler the real process still stands in the stop, where a mask for the time of a call is not yet taken back.
    const inStop = this.mover.carried !== 0 && savedMask !== null;
    compareMasks(this.comparison, this.world, this.tracee, inStop ? blocked : this.world.current.blocked);
    return null;
  }

  /** The real process takes `taken` signals and enters the handlers the model has entered. */
  private follow(taken: number): string | null {
    this.expectsHandler = this.early && this.delivered[0]?.sig === SIGSEGV;
    for (let stops = this.early ? 1 : 0; stops < taken || this.delivered.length > 0; ) {
      const [frame] = this.delivered;
      const stop = this.mover.next();
      if (stop.kind !== 'signal') return this.unexpected(`signal ${frame?.sig ?? ''}`, stop);
      if (this.expectsHandler && frame !== undefined && stop.sig === SIGTRAP) {
        this.delivered.shift();
        const problem = this.enterHandler(frame);
        if (problem !== null) return problem;
      } else {
        if (++stops > taken) return this.unexpected(`${taken} signals`, stop);
        this.mover.carried = stop.sig;
        this.expectsHandler = frame?.sig === stop.sig;
      }
    }
    return null;
  }

  private enterHandler(model: Delivered): string | null {
    const { comparison, tracee } = this;
    this.expectsHandler = false;
    comparison.counts.frames++;
    compareRegisters(comparison, 'at the handler: ', model.registers, tracee.registers());
    compareFrame(comparison, this.world, model.frame, tracee, this.xsaveSize);
    compareFpu(comparison, model.fxsave, tracee.fxsave());
    if (!this.early) return null;
    this.early = false;
    const stop = this.mover.next();
    return stop.kind === 'signal' && stop.sig === SIGTRAP ? null : this.unexpected('the end of a step', stop);
  }

  /** The model's process has died on the way: how the real one ends. Handlers may be entered before. */
  end(): Stop {
    for (;;) {
      const stop = this.mover.next();
      if (stop.kind !== 'signal') return stop;
      const handlers = this.delivered.length;
      if (stop.sig !== SIGTRAP) this.mover.carried = stop.sig;
      else if (handlers === 0) return stop;
      else this.delivered.shift();
    }
  }

  private unexpected(model: string, stop: Stop): string {
    this.comparison.text('stop', model, describeStop(stop));
    return 'the real process does something else';
  }

  private owner() {
    const { current, kernel } = this.world;
    return kernel.state.processes.find(({ pid }) => pid === current.pid);
  }

  private queued(): number {
    return this.world.current.pending.infos.length + (this.owner()?.pending.infos.length ?? 0);
  }
}
