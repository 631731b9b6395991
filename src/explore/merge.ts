// "Same state, same future": a run whose state was judged before is not run again.
import type { Ending } from '../world/world.js';
import { runToEnd } from './run.js';
import type { Session } from './session.js';
import { StateKeys } from './state-key.js';

/** States of one cell that were judged. */
export class Judged<T> {
  readonly keys = new StateKeys();
  readonly results = new Map<string, { readonly result: T }>();
}

/**
 * At how many of the target's entries into the kernel its state is looked at. A handler that has returned has left no trace
 * by then, wherever it struck; while it runs, its frame makes every state another one.
 */
const LOOKS = 2;

/** Runs on to the end and judges, or stops at the first state that was judged before; without `judged` none is looked at. */
export function runMerged<T>(
  session: Session,
  judged: Judged<T> | null,
  judge: (ending: Ending) => T,
): { readonly result: T; readonly merged: boolean } {
  if (judged === null) return { result: judge(runToEnd(session)), merged: false };
  const keys: string[] = [];
  let seen: { readonly result: T } | undefined;
  const ending = runToEnd(session, () => {
    const task = session.world.current;
    if (task.tid !== session.target || task.phase.kind !== 'entry') return false;
    if (keys.length === LOOKS || session.inHandler) return false;
    const key = judged.keys.of(session);
    seen = judged.results.get(key);
    keys.push(key);
    return seen !== undefined;
  });
  const concluded = seen ?? { result: judge(ending ?? { kind: 'deadlock' }) };
  // A run that is made again proves nothing about the states that it came by.
  if (session.unwinding?.hasMissed !== true) for (const key of keys) judged.results.set(key, concluded);
  return { result: concluded.result, merged: seen !== undefined };
}
