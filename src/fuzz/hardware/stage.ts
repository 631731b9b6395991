// The oracle `hardware`: a case on this machine's kernel, instruction by instruction beside the model, with the means of
// `sigsweep conform` (src/native). Signals come from this process, so si_code and the sender are those of kill and tgkill.
import type { Register } from '../../cpu/index.js';
import { Lockstep } from '../../native/lockstep.js';
import { type Model, type Pair, runTo, startModel, startPair } from '../../native/pair.js';
import type { Deed } from '../../native/points.js';
import { takeOutput } from '../../native/spawn.js';
import type { VdsoImage } from '../../vdso/index.js';
import type { Setting } from '../entry/prepare.js';
import { stagePlace, theStage } from '../entry/stage.js';
import { scriptFor } from './script.js';

export type GeneralRegister = Exclude<Register, 'eip'>;

/** From registers that are set to where it is enough, or to whatever ends the process. */
export interface Leg {
  readonly registers: Readonly<Record<GeneralRegister, number>>;
  readonly eip: number;
  readonly eflags: number;
  /** Where it is enough, in user mode with nothing pending. */
  readonly until: (eip: number, step: number) => boolean;
  readonly deeds: readonly Deed[];
}

export type HardwareResult =
  | { readonly kind: 'equal' }
  | { readonly kind: 'differs'; readonly field: string; readonly detail: string }
  /** It was not, or not wholly, compared. */
  | { readonly kind: 'skipped'; readonly reason: string };

const DIFFERENCES_MAX = 4;

export class HardwareStage {
  private model: Model | null = null;

  constructor(private readonly host: VdsoImage) {}

  private theModel(): Model | string {
    if (this.model !== null) return this.model;
    const { elf: program, path, at } = theStage();
    const subject = { program, path, args: [], vdso: this.host, start: at('ready') };
    const started = startModel(subject, 'stepped');
    if (!started.ok) return started.reason;
    this.model = started.model;
    return started.model;
  }

  /**
   * Legs one after the other; the first one that does not get to its end is the last. A machine that is busy may let the real
   * process come late: what differs must do so twice.
   */
  compare(setting: Setting, legs: readonly Leg[]): HardwareResult {
    const first = this.attempt(setting, legs);
    if (first.kind !== 'differs') return first;
    const second = this.attempt(setting, legs);
    return second.kind === 'differs'
      ? second
      : { kind: 'skipped', reason: 'it differed once, and not again' };
  }

  private attempt(setting: Setting, legs: readonly Leg[]): HardwareResult {
    const patches = scriptFor(setting);
    if (patches === null) return { kind: 'skipped', reason: 'more signal actions than the stage sets' };
    const model = this.theModel();
    if (typeof model === 'string') return { kind: 'skipped', reason: model };
    const pair = startPair(model);
    if (!pair.ok) return { kind: 'skipped', reason: pair.reason };
    // What a case before has left.
    takeOutput();
    try {
      for (const { address, bytes } of patches) writeBoth(pair, address, bytes);
      prepareBoth(pair);
      for (const leg of legs) {
        const result = this.runLeg(pair, model, leg);
        if (result !== null) return result;
      }
      return { kind: 'equal' };
    } finally {
      pair.tracee.kill();
    }
  }

  /** null when it got to its end and all was equal. */
  private runLeg(pair: Pair, model: Model, leg: Leg): HardwareResult | null {
    const { world, tracee } = pair;
    for (const [name, value] of Object.entries(leg.registers)) world.cpu.set(name as Register, value);
    world.cpu.set('eip', leg.eip);
    world.cpu.setEflags(leg.eflags);
    tracee.setRegisters({ ...leg.registers, eip: leg.eip, eflags: leg.eflags });
    const { differences, ending, incomplete } = new Lockstep(pair, model.xsaveSize, [], {
      deeds: leg.deeds,
      until: leg.until,
      from: 0,
      describe: stagePlace,
      differencesMax: DIFFERENCES_MAX,
    }).run();
    const [first] = differences;
    if (first !== undefined) {
      const detail = `${first.where}: ${first.field} is ${first.model} in the model, ${first.native} on this machine`;
      return { kind: 'differs', field: first.field, detail };
    }
    if (incomplete !== null) return { kind: 'skipped', reason: incomplete };
    return ending === 'the end' ? null : { kind: 'equal' };
  }

  close(): void {
    this.model?.world.close();
    this.model = null;
  }
}

/** The same bytes into both. */
export function writeBoth({ world, tracee }: Pair, address: number, bytes: Uint8Array): void {
  world.cpu.write(address, bytes);
  tracee.write(address, bytes);
}

/** Lets both make the calls of the script. */
function prepareBoth({ world, tracee }: Pair): void {
  const prepared = theStage().at('prepared');
  if (!runTo(tracee, prepared)) throw new Error('the real stage does not get prepared');
  while (world.cpu.get('eip') !== prepared || world.current.phase.kind !== 'user') {
    if (world.schedule() !== null) throw new Error('the stage of the model does not get prepared');
    world.advance(1);
  }
}
