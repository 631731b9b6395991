// The target `cancel`: a design in a scenario, with several deliveries in one run, judged by every rule of the sweep. What
// it runs are the sweep's own choices, so a finding's token is one that `sigsweep replay` takes.
import { type Chosen, recorded } from '../../explore/choices.js';
import { type Point, walk } from '../../explore/points.js';
import { runWith } from '../../explore/run.js';
import { Session, type SessionSnapshot } from '../../explore/session.js';
import { subjectHash } from '../../explore/subject.js';
import { judge } from '../../rules/judge.js';
import type { Verdict } from '../../rules/types.js';
import { findSubject } from '../../suite/catalog.js';
import { type NamePlace, placesOf } from '../../suite/places.js';
import { formatToken } from '../../suite/token.js';
import type { CellId } from '../../suite/types.js';
import type { RunRecord } from '../../world/record.js';
import { Draws } from '../core/draws.js';
import { FuzzError } from '../core/errors.js';
import { mixed, type Random } from '../core/random.js';
import type { CaseResult, Finding, Target } from '../core/target.js';
import { type CancelSpace, drawCell, drawChoices } from './deeds.js';

interface OpenCell {
  readonly session: Session;
  readonly start: SessionSnapshot;
  /** Points of the window without a delivery. */
  readonly points: number;
  readonly code: string;
  readonly place: NamePlace;
}

/** Worlds kept open; another cell's world is opened in some hundred milliseconds. */
const OPEN_MAX = 4;

export class CancelTarget implements Target {
  readonly id = 'cancel';
  private readonly cells = new Map<string, OpenCell | string>();

  constructor(private readonly space: CancelSpace) {}

  private open(id: CellId): OpenCell | string {
    const key = JSON.stringify(id);
    const known = this.cells.get(key) ?? openCell(id);
    // The map is in order of use.
    this.cells.delete(key);
    this.cells.set(key, known);
    const [oldest, ...others] = this.cells.keys();
    if (oldest !== undefined && others.length >= OPEN_MAX) this.forget(oldest);
    return known;
  }

  private forget(key: string): void {
    const cell = this.cells.get(key);
    if (cell !== undefined && typeof cell !== 'string') cell.session.close();
    this.cells.delete(key);
  }

  home(random: Random): readonly number[] {
    const draws = new Draws([], random);
    drawCell(draws, this.space);
    return draws.taken;
  }

  run(draws: Draws): CaseResult {
    const id = drawCell(draws, this.space);
    const cell = this.open(id);
    if (typeof cell === 'string') return { runs: 0, reached: [], finding: null, inconclusive: cell };
    const choices = drawChoices(draws, id, cell.points);
    cell.session.restore(cell.start);
    const { run, points } = runWith(cell.session, recorded(choices));
    const verdict = judge(run);
    return {
      runs: 1,
      reached: reachedBy(id, run, points),
      finding: findingOf(verdict, { id, points, choices, place: cell.place }),
      inconclusive: verdict.kind === 'inconclusive' ? verdict.reason : null,
    };
  }

  /** The deliveries that really came; the others were behind the window's end. */
  token(taken: Draws): string {
    const draws = new Draws(taken.taken);
    const id = drawCell(draws, this.space);
    const cell = this.open(id);
    if (typeof cell === 'string') throw new FuzzError('NO_SUBJECT', cell);
    const choices = drawChoices(draws, id, cell.points);
    cell.session.restore(cell.start);
    const { points } = runWith(cell.session, recorded(choices));
    return formatToken({ id, choices: choices.slice(0, points.length), code: cell.code });
  }

  close(): void {
    for (const key of [...this.cells.keys()]) this.forget(key);
  }
}

function openCell(id: CellId): OpenCell | string {
  const found = findSubject(id);
  if (!found.ok) return found.reason;
  const opened = Session.open(found.subject);
  if (!opened.ok) return opened.reason;
  const { session } = opened;
  const start = session.snapshot();
  let points = 0;
  for (const _ of walk(session)) points++;
  return {
    session,
    start,
    points,
    code: subjectHash(found.subject),
    place: placesOf(found.subject),
  };
}

interface Where {
  readonly id: CellId;
  readonly points: readonly Point[];
  readonly choices: readonly Chosen[];
  readonly place: NamePlace;
}

/** What was lost is lost where the cancellation came: the function tells such findings apart. Others are their rule's. */
const DELIVERY_MATTERS: readonly string[] = ['no-lost-cancel', 'no-lost-effect', 'no-phantom-effect'];

function findingOf(verdict: Verdict, { id, points, choices, place }: Where): Finding | null {
  const [violation] = verdict.kind === 'violation' ? verdict.violations : [];
  if (violation === undefined) return null;
  const { rule, detail } = violation;
  const at = points.findLastIndex((_, i) => choices[i]?.action === 'cancel');
  const point = points[at] ?? points.at(-1);
  const named = DELIVERY_MATTERS.includes(rule) && point !== undefined;
  const where = named ? `${place(point.address).name.replace(/\+\d+$/, '')} in ` : '';
  return { rule, place: `${where}${id.scenario}, ${id.design}`, detail };
}

/** Where deliveries struck, and which events followed which. */
function reachedBy(id: CellId, { history }: RunRecord, points: readonly Point[]): number[] {
  const cell = mixed(
    [...`${id.design} ${id.scenario} ${id.handler}`].reduce((sum, c) => mixed(sum ^ c.charCodeAt(0)), 0),
  );
  const reached = points.map(({ address, moment }, i) =>
    mixed(cell ^ address ^ (moment.length << 8) ^ (i << 16)),
  );
  let last = 0;
  for (const event of history) {
    const nr = 'nr' in event ? event.nr : 'sig' in event ? event.sig : 0;
    const code = mixed(event.kind.length * 512 + event.kind.charCodeAt(0) + nr * 65536);
    reached.push(mixed(cell ^ code ^ (last << 1)));
    last = code;
  }
  return reached;
}
