// A case of `sigreturn` on this machine's kernel: the same signals and changes at the same instructions.
import { rtSigframe, sigcontext, sigframe } from '../../kernel/signal/layout.js';
import type { Pair } from '../../native/pair.js';
import type { Deed } from '../../native/points.js';
import { postTo } from '../../native/post.js';
import { theStage } from '../entry/stage.js';
import { type HardwareResult, type HardwareStage, type Leg, writeBoth } from '../hardware/stage.js';
import type { SigreturnCase } from './case.js';
import { frameHere, type SigreturnDeed, type SigreturnOutcome, writesOf } from './play.js';

function deedOf({ place, edits, arrivals }: SigreturnDeed): Deed {
  return {
    place,
    perform: (pair) => {
      if (edits.some(({ field }) => MOVED.includes(field))) levelFrame(pair);
      for (const { address, bytes } of writesOf(pair.world, edits)) writeBoth(pair, address, bytes);
      for (const arrival of arrivals) postTo(pair, arrival);
    },
  };
}

/** After these the kernel reads a frame or its FPU area where it did not write it. */
const MOVED = ['pretcode', 'fpstate'];
const FRAME_BYTES = 800;
const FPSTATE_BYTES = 1200;

/** What Linux leaves as it was, or what only the real CPU has, can be read then: it is made the same in both. */
function levelFrame({ world, tracee }: Pair): void {
  const { cpu } = world;
  const { frame, rt } = frameHere(cpu);
  const context = frame + (rt ? rtSigframe.context : sigframe.context);
  const area = cpu.readU32(context + sigcontext.fpstate.at) ?? frame;
  for (const [from, length] of [
    [frame - 8, FRAME_BYTES],
    [area - 64, FPSTATE_BYTES],
  ] as const) {
    const bytes = cpu.read(from, length);
    if (bytes !== null && tracee.read(from, length) !== null) tracee.write(from, bytes);
  }
}

/** Any other call would be made for real. */
const HARMLESS = [1, 119, 173];

export function onHardware(
  stage: HardwareStage,
  of: SigreturnCase,
  { deeds, steps, calls }: SigreturnOutcome,
): HardwareResult {
  const other = calls.find((nr) => !HARMLESS.includes(nr));
  if (other !== undefined) return { kind: 'skipped', reason: 'the case makes calls of its own' };
  const [eax = 0, ebx = 0, ecx = 0, edx = 0, esi = 0, edi = 0, ebp = 0] = of.registers;
  const leg: Leg = {
    registers: { eax, ebx, ecx, edx, esi, edi, ebp, esp: of.esp },
    eip: theStage().at('quiet'),
    eflags: of.eflags,
    until: (_, step) => step >= steps,
    deeds: deeds.map(deedOf),
  };
  return stage.compare(of, [leg]);
}
