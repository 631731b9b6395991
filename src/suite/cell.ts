import { Session } from '../explore/session.js';
import { type Subject, subjectHash } from '../explore/subject.js';
import { sweep } from '../explore/sweep.js';
import { syscallName } from '../kernel/syscalls/table.js';
import { judge } from '../rules/judge.js';
import { judgeProgram } from '../rules/program-end.js';
import { findSubject } from './catalog.js';
import { placesOf } from './places.js';
import type { CellId, CellResult } from './types.js';
import { unwindReport } from './unwinding.js';

/** A name in the id that does not exist: the caller's mistake. */
export class UnknownNameError extends Error {
  readonly code = 'UNKNOWN_NAME';
}

export interface CellOptions {
  /** Runs that come to a state that was judged before are not taken to their end; the verdicts are the same. */
  readonly merge: boolean;
}

export const MERGED: CellOptions = { merge: true };

/** Sweeps one cell: every point of its window, judged by every rule. Throws UnknownNameError for names there are not. */
export function runCell(id: CellId, options = MERGED): CellResult {
  const found = findSubject(id);
  if (!found.ok && found.missing) return { kind: 'skipped', id, reason: found.reason };
  if (!found.ok) throw new UnknownNameError(found.reason);
  return sweepSubject(found.subject, id, options);
}

/** The same for a subject at hand; `id` is what the result calls it. */
export function sweepSubject(
  subject: Subject,
  id: CellId,
  { merge }: CellOptions = MERGED,
): Extract<CellResult, { kind: 'swept' }> {
  const base = {
    kind: 'swept',
    id,
    form: subject.vdso.form,
    cpu: subject.vdso.cpu,
    code: subjectHash(subject),
  } as const;
  const opened = Session.open(subject, id.unwind === true);
  if (!opened.ok)
    return { ...base, planned: 0, executed: 0, merged: 0, missing: [opened.reason], points: [] };
  const place = placesOf(subject);
  try {
    const judgeRun = subject.own === undefined ? judge : judgeProgram;
    const { planned, executed, merged, missing, results } = sweep(opened.session, judgeRun, merge);
    const points = results.map(({ point, result }) => ({
      index: point.index,
      moment: point.moment,
      place: place(point.address),
      call: point.nr === null ? null : syscallName(point.nr),
      verdict: result,
    }));
    const { unwinding } = opened.session;
    const swept = { ...base, planned, executed, merged, missing, points };
    return unwinding === null ? swept : { ...swept, unwinding: unwindReport(unwinding.watch, place) };
  } finally {
    opened.session.close();
  }
}
