// The target `sigreturn`: handlers change their frames and return. What comes of it must be what the frame says, and, for a
// share of the cases, what this machine's kernel makes of it.
import type { VdsoImage } from '../../vdso/index.js';
import { Draws } from '../core/draws.js';
import { type CaseResult, COMPARED, type Finding, type Target } from '../core/target.js';
import { formatStageToken } from '../core/token.js';
import { openStage, type StagedWorld, stageHash } from '../entry/stage.js';
import { comparableFlags, comparableMask, HardwareOracle } from '../hardware/oracle.js';
import { drawSigreturnCase, type SigreturnCase } from './case.js';
import { comparableEdit } from './edits.js';
import { onHardware } from './native.js';
import { SigreturnPlayer } from './play.js';

export interface SigreturnTrial {
  readonly image: VdsoImage;
  readonly hardware: boolean;
  readonly of: SigreturnCase;
  /** What the case was drawn from, without the image. */
  readonly draws: readonly number[];
}

/** One case in so many is for this machine's kernel: a process of its own takes some ten times as long. */
const HARDWARE_SHARE = 32;

export class SigreturnTarget implements Target {
  readonly id = 'sigreturn';
  private readonly opened = new Map<string, StagedWorld>();
  private readonly oracle = new HardwareOracle();

  constructor(private readonly images: readonly VdsoImage[]) {}

  home(): readonly number[] {
    return [];
  }

  trial(draws: Draws): SigreturnTrial {
    const drawn = draws.pick(this.images);
    const from = draws.taken.length;
    const hardware = draws.oneIn(HARDWARE_SHARE);
    const of = drawSigreturnCase(draws);
    const { machine } = hardware ? this.oracle : { machine: null };
    const image = machine?.ok === true ? machine.host : drawn;
    return { image, hardware, of: hardware ? comparable(of) : of, draws: draws.taken.slice(from) };
  }

  player({ image, hardware, of }: SigreturnTrial, tracer?: (eip: number) => void): SigreturnPlayer {
    const { machine } = hardware ? this.oracle : { machine: null };
    return new SigreturnPlayer(machine?.ok === true ? machine.model : this.staged(image), of, tracer);
  }

  private staged(image: VdsoImage): StagedWorld {
    const known = this.opened.get(image.id);
    if (known !== undefined) return known;
    const opened = openStage(image);
    this.opened.set(image.id, opened);
    return opened;
  }

  run(draws: Draws): CaseResult {
    const trial = this.trial(draws);
    const outcome = this.player(trial).play();
    const { reached, problem, unmodelled } = outcome;
    const inconclusive = unmodelled === null ? null : `${unmodelled} is not modelled`;
    const own: CaseResult = { runs: 1, reached, finding: problem, inconclusive };
    if (!trial.hardware || problem !== null || unmodelled !== null) return own;
    const { machine } = this.oracle;
    if (!machine.ok) return { ...own, hardware: { skipped: machine.reason } };
    const result = onHardware(machine.real, trial.of, outcome);
    if (result.kind === 'skipped') return { ...own, hardware: { skipped: result.reason } };
    const finding: Finding | null =
      result.kind === 'differs' ? { rule: 'hardware', place: result.field, detail: result.detail } : null;
    return { ...own, runs: 2, finding, hardware: COMPARED };
  }

  token(draws: Draws): string {
    const { image, draws: rest } = this.trial(new Draws(draws.taken));
    const code = stageHash(image);
    return formatStageToken({ target: 'sigreturn', image: image.id, other: null, draws: rest, code });
  }

  close(): void {
    for (const { world } of this.opened.values()) world.close();
    this.opened.clear();
    this.oracle.close();
  }
}

/** Without what observing a real process changes. */
function comparable(of: SigreturnCase): SigreturnCase {
  return {
    ...of,
    eflags: comparableFlags(of.eflags),
    blocked: comparableMask(of.blocked),
    actions: of.actions.map((action) => ({ ...action, mask: comparableMask(action.mask) })),
    edits: of.edits.map((edits) => edits.map(comparableEdit)),
  };
}
