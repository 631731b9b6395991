import { type Chosen, recorded } from '../explore/choices.js';
import { runWith } from '../explore/run.js';
import { Session } from '../explore/session.js';
import { type Subject, subjectHash } from '../explore/subject.js';
import { judge } from '../rules/judge.js';
import { judgeProgram } from '../rules/program-end.js';
import type { Verdict } from '../rules/types.js';
import type { RunRecord } from '../world/record.js';
import { findSubject } from './catalog.js';
import { type ListedInstruction, Listing } from './listing.js';
import type { Token } from './token.js';

/** One instruction of a traced run; `events` of the history had happened before it. */
export interface TracedStep {
  readonly tid: number;
  readonly line: ListedInstruction;
  readonly events: number;
}

export interface Replay {
  readonly token: Token;
  readonly run: RunRecord;
  readonly verdict: Verdict;
  /** Every instruction from the begin of the window on. */
  readonly steps: readonly TracedStep[];
  /** Events before the window. */
  readonly from: number;
}

export type ReplayResult =
  | { readonly ok: true; readonly replay: Replay }
  | { readonly ok: false; readonly reason: string };

function missedIn({ action }: Chosen): string {
  return action === 'preempt' ? 'the request' : 'the window';
}

/** Runs exactly what the token says, or refuses: other code, a point that does not exist, a name that is not there. */
export function replay(token: Token): ReplayResult {
  const found = findSubject(token.id);
  if (!found.ok) return found;
  return replayOn(found.subject, token);
}

/** The same on a subject at hand. */
export function replayOn(subject: Subject, token: Token): ReplayResult {
  const code = subjectHash(subject);
  if (code !== token.code) {
    return {
      ok: false,
      reason: `the token is for code ${token.code}, but the code here is ${code}: sweep again`,
    };
  }
  const opened = Session.open(subject, token.id.unwind === true);
  if (!opened.ok) return opened;
  const { session } = opened;
  const listing = new Listing(subject);
  const steps: TracedStep[] = [];
  session.tracer = (tid, eip) =>
    steps.push({ tid, line: listing.at(eip), events: session.world.history.length });
  const from = session.world.history.length;
  try {
    const choices = recorded(token.choices);
    const { run } = runWith(session, choices);
    const missed = choices.unused();
    if (missed !== undefined)
      return { ok: false, reason: `${missedIn(missed)} has no point ${missed.index}` };
    const kept = { ...run, history: [...run.history] };
    return {
      ok: true,
      replay: {
        token,
        run: kept,
        verdict: (subject.own === undefined ? judge : judgeProgram)(kept),
        steps,
        from,
      },
    };
  } finally {
    session.close();
  }
}
