// Is a mutant told from the original? Scenario by scenario, as the default sweep has them, until a rule is broken that
// the original keeps there, or at more points than the original breaks it; then the descriptions of frames, held against the code and tried in runs.
import { FRAMES, framesSide } from '../check/frames-side.js';
import { SCENARIOS, USUAL_SCENARIOS } from '../explore/scenarios.js';
import { Session } from '../explore/session.js';
import type { Subject } from '../explore/subject.js';
import { sweep } from '../explore/sweep.js';
import { judge } from '../rules/judge.js';
import type { Verdict } from '../rules/types.js';
import { placesOf } from '../suite/places.js';
import { unwindReport } from '../suite/unwinding.js';
import { equivalence } from './equivalent.js';
import { bytesOf, type Made, make, subjectIn, type Trial } from './make.js';
import { type MutantSubject, mutantSubjects } from './subjects.js';
import type { Change, Killer, MutantResult } from './types.js';

/** What a sweep of the original says in one trial: nobody is killed by that. */
interface Usual {
  /** At how many points each rule is broken. */
  readonly points: ReadonlyMap<string, number>;
  readonly missing: readonly string[];
}

const USUALLY = new Map<string, Usual>();

function rulesIn(verdict: Verdict): string[] {
  if (verdict.kind === 'inconclusive') return ['incomplete'];
  return verdict.kind === 'violation' ? verdict.violations.map(({ rule }) => rule) : [];
}

/** Counts what the runs of one sweep break. */
class Broken {
  readonly points = new Map<string, number>();

  /** The first rule of the run that is broken more often by now than `usual` says, with how often it was. */
  add(verdict: Verdict, usual?: ReadonlyMap<string, number>): { rule: string; usually: number } | null {
    let worse: { rule: string; usually: number } | null = null;
    for (const rule of new Set(rulesIn(verdict))) {
      const times = (this.points.get(rule) ?? 0) + 1;
      this.points.set(rule, times);
      const usually = usual?.get(rule) ?? 0;
      if (usual !== undefined && times > usually) worse ??= { rule, usually };
    }
    return worse;
  }
}

function detailIn(verdict: Verdict, rule: string): string {
  if (verdict.kind === 'inconclusive') return verdict.reason;
  return verdict.kind === 'violation'
    ? (verdict.violations.find((one) => one.rule === rule)?.detail ?? '')
    : '';
}

function whereOf({ design, scenario, image }: Trial): string {
  return `${scenario} with ${design} on ${image.id}`;
}

function swept(subject: Subject, enough: (verdict: Verdict) => boolean) {
  const opened = Session.open(subject);
  if (!opened.ok) return opened;
  try {
    return { ok: true, sweep: sweep(opened.session, judge, true, enough) } as const;
  } finally {
    opened.session.close();
  }
}

function usually(original: Made, trial: Trial): Usual {
  const key = JSON.stringify([original.id, trial.design, trial.scenario, trial.image.id]);
  const known = USUALLY.get(key);
  if (known !== undefined) return known;
  const made = subjectIn(original, trial);
  const done = made.ok ? swept(made.subject, () => false) : made;
  const broken = new Broken();
  if (done.ok) for (const { result } of done.sweep.results) broken.add(result);
  const usual = done.ok
    ? { points: broken.points, missing: done.sweep.missing }
    : { points: new Map([['incomplete', Number.POSITIVE_INFINITY]]), missing: [done.reason] };
  USUALLY.set(key, usual);
  return usual;
}

/** The first thing in a trial that the original does not do; null if there is none. */
function killedIn(mutant: Made, original: Made, trial: Trial): Killer | null {
  const where = whereOf(trial);
  const usual = usually(original, trial);
  const made = subjectIn(mutant, trial);
  if (!made.ok) return { rule: 'not built', where, detail: made.reason };
  const broken = new Broken();
  let killer: Killer | null = null;
  const done = swept(made.subject, (verdict) => {
    const worse = broken.add(verdict, usual.points);
    if (worse === null) return false;
    const { rule, usually } = worse;
    const often = usually === 0 ? '' : `at more than the ${usually} points of the original: `;
    killer = { rule, where, detail: `${often}${detailIn(verdict, rule)}` };
    return true;
  });
  if (!done.ok) return usual.missing.length > 0 ? null : { rule: 'incomplete', where, detail: done.reason };
  if (killer !== null) return killer;
  const missing = done.sweep.missing.find((what) => !usual.missing.includes(what));
  return missing === undefined ? null : { rule: 'incomplete', where, detail: `not reached: ${missing}` };
}

/** Columns whose row is wrong, or functions that cannot be judged, one text each. */
function framesFaults(bytes: Uint8Array): string[] {
  const { result, findings } = framesSide({ kind: 'frames', label: FRAMES, bytes, only: null });
  return [...findings.map(({ place, detail }) => `${place}: ${detail}`), ...result.reasons];
}

function killedByFrames(mutant: Made, original: Made): Killer | null {
  const [bytes, before] = [bytesOf(mutant), bytesOf(original)];
  if (typeof bytes === 'string' || typeof before === 'string') return null;
  const usual = new Set(framesFaults(before));
  const fault = framesFaults(bytes).find((one) => !usual.has(one));
  return fault === undefined ? null : { rule: 'unwind', where: FRAMES, detail: fault };
}

/** What unwinding at every instruction of a sweep shows, one text each. */
function unwoundFaults(made: Made, trial: Trial): string[] {
  const found = subjectIn(made, trial);
  const opened = found.ok ? Session.open(found.subject, true) : found;
  if (!found.ok || !opened.ok) return [];
  try {
    sweep(opened.session, judge, true);
    const watch = opened.session.unwinding?.watch;
    if (watch === undefined) return [];
    const { instructions, fromHandlers } = unwindReport(watch, placesOf(found.subject));
    const bad = (kind: string) => kind === 'wrong' || kind === 'undescribed';
    return [
      ...instructions.flatMap(({ place, verdict }) =>
        bad(verdict.kind) ? [`${place.name}: ${verdict.kind}`] : [],
      ),
      ...fromHandlers.flatMap(({ place, readers }) =>
        Object.entries(readers).flatMap(([id, { kind }]) =>
          bad(kind) ? [`${place.name} by ${id}: ${kind}`] : [],
        ),
      ),
    ];
  } finally {
    opened.session.close();
  }
}

const UNWOUND = new Map<string, ReadonlySet<string>>();

function unwoundUsually(original: Made, trial: Trial): ReadonlySet<string> {
  const key = JSON.stringify([original.id, trial.design, trial.scenario, trial.image.id]);
  const known = UNWOUND.get(key) ?? new Set(unwoundFaults(original, trial));
  UNWOUND.set(key, known);
  return known;
}

function killedByUnwinding(mutant: Made, original: Made, trial: Trial): Killer | null {
  const usual = unwoundUsually(original, trial);
  const fault = unwoundFaults(mutant, trial).find((one) => !usual.has(one));
  return fault === undefined ? null : { rule: 'unwind', where: whereOf(trial), detail: fault };
}

/** Every scenario, those that every cancellation point meets first, and at last the descriptions. */
function judgeMutant(subject: MutantSubject, { name, kind, items }: Change): MutantResult {
  const original = make(subject, subject.items);
  const mutant = make(subject, items);
  const base = { subject: subject.id, name, kind };
  const [bytes, before] = [bytesOf(mutant), bytesOf(original)];
  if (typeof bytes === 'string')
    return { ...base, same: false, killer: { rule: 'not built', where: 'the assembler', detail: bytes } };
  if (typeof before !== 'string' && Buffer.from(bytes).equals(before))
    return { ...base, same: true, killer: null };
  if (kind === 'cfi dropped' || kind === 'cfi off by four') return judgeFrames(base, mutant, original);
  for (const trial of mutant.trials([...USUAL_SCENARIOS, ...SCENARIOS])) {
    const killer = killedIn(mutant, original, trial);
    if (killer !== null) return { ...base, same: false, killer };
  }
  return { ...base, same: false, killer: killedByFrames(mutant, original) };
}

/** In every run of two scenarios each instruction is unwound from: one whose call waits, one whose call returns. */
function judgeFrames(
  base: Pick<MutantResult, 'subject' | 'name' | 'kind'>,
  mutant: Made,
  original: Made,
): MutantResult {
  const scenarios = SCENARIOS.filter(({ id }) => id === 'read-empty' || id === 'read-data');
  const held = killedByFrames(mutant, original);
  let run: Killer | null = null;
  for (const trial of mutant.trials(scenarios)) run ??= killedByUnwinding(mutant, original, trial);
  return {
    ...base,
    same: false,
    killer: held ?? run,
    seenBy: { static: held !== null, dynamic: run !== null },
  };
}

export interface MutantTask {
  readonly subject: number;
  readonly change: number;
  /** Also those that are known to be equivalent. */
  readonly all: boolean;
}

/** A worker's task: a mutant by the numbers of its subject and its change. */
export function mutant({ subject, change, all }: MutantTask): MutantResult {
  const of = mutantSubjects()[subject];
  const made = of?.changes[change];
  if (of === undefined || made === undefined) throw new RangeError(`no mutant ${subject}/${change}`);
  const { name, kind } = made;
  const base = { subject: of.id, name, kind, same: false };
  if (!all && equivalence(base) !== null) return { ...base, killer: null };
  return judgeMutant(of, made);
}
