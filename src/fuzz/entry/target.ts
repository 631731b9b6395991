// The target `entry`: a case is played on one image, and on another one or by int $0x80; both must come to the same.
import type { VdsoImage } from '../../vdso/index.js';
import { Draws } from '../core/draws.js';
import type { CaseResult, Finding, Target } from '../core/target.js';
import { formatStageToken } from '../core/token.js';
import { drawCase, type EntryCase, isStrict } from './case.js';
import { type EntryRows, entryRows } from './frames.js';
import { keepsEbp } from './images.js';
import { difference, type Outcome } from './outcome.js';
import { type EntryTracer, Player, type Way } from './play.js';
import { openStage, type StagedWorld, stageHash } from './stage.js';

interface Opened {
  readonly staged: StagedWorld;
  readonly rows: EntryRows;
}

/** A case with the images it is about. */
export interface EntryTrial {
  readonly of: EntryCase;
  readonly image: VdsoImage;
  /** null: against int $0x80 in the same world. */
  readonly other: VdsoImage | null;
  /** What the case was drawn from, without the images. */
  readonly draws: readonly number[];
}

/** The decision for another image, of three. */
const ANOTHER = 2;

/** Draws that choose the first image of a target against int $0x80, or against its second image. */
export function imageDraws(against: 'int80' | 'second'): number[] {
  return against === 'int80' ? [0, 0] : [0, ANOTHER, 1];
}

export class EntryTarget implements Target {
  readonly id = 'entry';
  private readonly opened = new Map<string, Opened>();

  constructor(private readonly images: readonly VdsoImage[]) {}

  private open(image: VdsoImage): Opened {
    const known = this.opened.get(image.id);
    if (known !== undefined) return known;
    const opened = { staged: openStage(image), rows: entryRows(image) };
    this.opened.set(image.id, opened);
    return opened;
  }

  home(): readonly number[] {
    return [];
  }

  trial(draws: Draws): EntryTrial {
    const image = draws.pick(this.images);
    const other = draws.below(3) === ANOTHER ? draws.pick(this.images) : null;
    const from = draws.taken.length;
    const of = drawCase(draws);
    return { of, image, other, draws: draws.taken.slice(from) };
  }

  player({ of, image }: EntryTrial, how: Way, tracer?: EntryTracer): Player {
    const { staged, rows } = this.open(image);
    return new Player(staged, rows, of, how, tracer);
  }

  /** The run that the trial's is compared with. */
  reference(trial: EntryTrial, tracer?: EntryTracer): Player {
    const { other } = trial;
    return other === null
      ? this.player(trial, 'int80', tracer)
      : this.player({ ...trial, image: other }, 'vdso', tracer);
  }

  run(draws: Draws): CaseResult {
    const trial = this.trial(draws);
    const { of, image, other } = trial;
    const outcome = this.player(trial, of.via).play();
    const { reached } = outcome;
    if (outcome.unmodelled !== null)
      return { runs: 1, reached, finding: null, inconclusive: `${outcome.unmodelled} is not modelled` };
    const own = ownFinding(outcome, of, image);
    if (own !== null || !isStrict(of)) return { runs: 1, reached, finding: own, inconclusive: null };
    const ownEbp = keepsEbp(image) || (other !== null && keepsEbp(other));
    const differs = difference(outcome, this.reference(trial).play(), ownEbp ? 'ebp in the frame' : null);
    const finding = differs === null ? null : equivalence(image, other?.form ?? 'int $0x80', differs);
    return { runs: 2, reached, finding, inconclusive: null };
  }

  token(draws: Draws): string {
    const { image, other, draws: rest } = this.trial(new Draws(draws.taken));
    return formatStageToken({
      target: 'entry',
      image: image.id,
      other: other?.id ?? null,
      draws: rest,
      code: stageHash(image, ...(other === null ? [] : [other])),
    });
  }

  close(): void {
    for (const { staged } of this.opened.values()) staged.world.close();
    this.opened.clear();
  }
}

function ownFinding({ problem, faults }: Outcome, of: EntryCase, image: VdsoImage): Finding | null {
  const [fault] = isStrict(of) ? faults : [];
  if (fault !== undefined)
    return { rule: 'no-fault', place: `${fault.place} of ${image.form}`, detail: fault.what };
  return problem === null ? null : { ...problem, place: `${problem.place} of ${image.form}` };
}

function equivalence(
  image: VdsoImage,
  other: string,
  { name, detail }: { name: string; detail: string },
): Finding {
  const what = name.replace(/ after call \d+$/, '');
  return {
    rule: 'entry-equivalence',
    place: `${what} of ${image.form}`,
    detail: `${image.form} differs from ${other}: ${detail}`,
  };
}
