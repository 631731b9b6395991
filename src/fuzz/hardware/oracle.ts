// The oracle `hardware` for a target: whether this machine can be asked, and the two stages of a case when it can: one in a
// model that is like this machine's kernel under a tracer, and the real one.
import { probeMachine } from '../../native/probe.js';
import { allImages } from '../../suite/catalog.js';
import type { VdsoImage } from '../../vdso/index.js';
import { openStage, type StagedWorld } from '../entry/stage.js';
import { HardwareStage } from './stage.js';

export interface Machine {
  readonly ok: true;
  readonly host: VdsoImage;
  /** To find out where in a case things happen. */
  readonly model: StagedWorld;
  readonly real: HardwareStage;
}

export type MachineOrNot = Machine | { readonly ok: false; readonly reason: string };

function openMachine(): MachineOrNot {
  const listed = allImages().find((image) => (image.ok ? image.image.id === 'host' : false));
  if (listed?.ok !== true)
    return { ok: false, reason: 'this machine’s vDSO is not here: node scripts/bootstrap.mjs' };
  const probe = probeMachine();
  if (!probe.ok) return probe;
  const host = listed.image;
  const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const model = openStage(host, { xsave: probe.xsave, ptrace: 'stepped', user });
  return { ok: true, host, model, real: new HardwareStage(host) };
}

export class HardwareOracle {
  private opened: MachineOrNot | null = null;

  get machine(): MachineOrNot {
    this.opened ??= openMachine();
    return this.opened;
  }

  close(): void {
    if (this.opened?.ok === true) {
      this.opened.model.world.close();
      this.opened.real.close();
    }
    this.opened = null;
  }
}

/** SIGTRAP, which each step of the real process forces past any mask. */
const SIGTRAP_BIT = 0x10;
/** The trap flag is the tracer's, and the emulator makes no alignment checks. */
const FLAGS_LEFT_OUT = 0x40100;

export function comparableMask([low, high]: readonly [number, number]): readonly [number, number] {
  return [(low & ~SIGTRAP_BIT) >>> 0, high];
}

export function comparableFlags(eflags: number): number {
  return (eflags & ~FLAGS_LEFT_OUT) >>> 0;
}
