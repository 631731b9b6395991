// The target `entry`: a case is played on one image, and on another one or by int $0x80; both must come to the same.
import type { VdsoImage } from '../../vdso/index.js';
import { Draws } from '../core/draws.js';
import { type CaseResult, COMPARED, type Finding, type Target } from '../core/target.js';
import { formatStageToken } from '../core/token.js';
import { HardwareOracle } from '../hardware/oracle.js';
import { drawCase, type EntryCase, isStrict } from './case.js';
import { type EntryRows, entryRows } from './frames.js';
import { keepsEbp } from './images.js';
import { comparableEntry, entryOnHardware } from './native.js';
import { difference, type Outcome } from './outcome.js';
import { type EntryTracer, Player, type Way } from './play.js';
import { openStage, type StagedWorld, stageHash } from './stage.js';

type Asked = NonNullable<CaseResult['hardware']>;

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
  /** Played in a model that is like this machine, and on its kernel. */
  readonly hardware: boolean;
  /** What the case was drawn from, without the images. */
  readonly draws: readonly number[];
}

/** The decision for another image, of three. */
const ANOTHER = 2;

/** One case in so many is for this machine's kernel as well: a process of its own takes some fifty times as long. */
const HARDWARE_SHARE = 128;

/** Draws that choose the first image of a target against int $0x80, or against its second image. */
export function imageDraws(against: 'int80' | 'second'): number[] {
  return against === 'int80' ? [0, 0] : [0, ANOTHER, 1];
}

export class EntryTarget implements Target {
  readonly id = 'entry';
  private readonly opened = new Map<string, Opened>();
  private readonly oracle = new HardwareOracle();
  private hostRows: EntryRows | null = null;

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
    const hardware = draws.oneIn(HARDWARE_SHARE);
    return { of, image, other, hardware, draws: draws.taken.slice(from) };
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
    const asked = own === null && trial.hardware ? this.ask(trial) : null;
    const first = own ?? asked?.finding ?? null;
    const beside = asked === null ? {} : { hardware: asked.hardware };
    if (first !== null || !isStrict(of))
      return { runs: 1, reached, finding: first, inconclusive: null, ...beside };
    const ownEbp = keepsEbp(image) || (other !== null && keepsEbp(other));
    const differs = difference(outcome, this.reference(trial).play(), ownEbp ? 'ebp in the frame' : null);
    const finding = differs === null ? null : equivalence(image, other?.form ?? 'int $0x80', differs);
    return { runs: 2, reached, finding, inconclusive: null, ...beside };
  }

  /** The case on this machine's own image, in the model and on the real kernel. */
  private ask({ of }: EntryTrial): { finding: Finding | null; hardware: Asked } {
    const { machine } = this.oracle;
    if (!machine.ok) return { finding: null, hardware: { skipped: machine.reason } };
    const compared = comparableEntry(of);
    const player = new Player(machine.model, this.rowsOf(machine.host), compared, 'vdso');
    const { unmodelled } = player.play();
    if (unmodelled !== null) return { finding: null, hardware: { skipped: `${unmodelled} is not modelled` } };
    const result = entryOnHardware(machine.real, compared, player);
    if (result.kind === 'skipped') return { finding: null, hardware: { skipped: result.reason } };
    const finding =
      result.kind === 'equal' ? null : { rule: 'hardware', place: result.field, detail: result.detail };
    return { finding, hardware: COMPARED };
  }

  private rowsOf(host: VdsoImage): EntryRows {
    this.hostRows ??= entryRows(host);
    return this.hostRows;
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
    this.oracle.close();
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
