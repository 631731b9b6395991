import { errno, restart } from '../kernel/abi/errno.js';
import type { Event } from '../kernel/history.js';
import { SA_STICKY } from '../kernel/proposals/abi.js';
import { syscallName } from '../kernel/syscalls/table.js';
import type { RunRecord } from '../world/record.js';
import type { Rule, RuleId } from './types.js';

/**
 * What the proposal of sticky signals promises (S1 to S6), each checked over a run. Only a kernel with that proposal lets a
 * signal stick, so that in all other runs there is nothing to check. "Sticks" is from the event 'latched' to 'cleared'.
 */
type Of<K extends Event['kind']> = Extract<Event, { kind: K }>;
type Proposal = Of<'proposal'>;

const INTERRUPTED: ReadonlySet<number> = new Set([
  -errno.EINTR,
  ...Object.values(restart).map((code) => -code),
]);

const SOURCE = 'LKML, March 2016: the proposal of sticky signals';

function rule(
  id: RuleId,
  statement: string,
  check: (mine: readonly Event[], run: RunRecord) => string | null,
): Rule {
  return {
    id,
    statement,
    reason: `${SOURCE}, ${id.replace('sticky-', 'S')}.`,
    check: (run) => {
      const sticks = run.history.some(
        (event) => event.kind === 'proposal' && event.what.startsWith('latched'),
      );
      return sticks
        ? check(
            run.history.filter(({ tid }) => tid === run.target),
            run,
          )
        : null;
    },
  };
}

const sticky1 = rule(
  'sticky-1',
  'the signal stays in signal_pending() when its handler runs',
  (mine, { signal }) => {
    const at = mine.findIndex(
      (event, i) => event.kind === 'deliver' && event.sig === signal && !is(mine[i + 1], 'latched', signal),
    );
    return at < 0 ? null : 'the handler runs with the signal no longer pending';
  },
);

const sticky2 = rule('sticky-2', 'a signal that sticks is not delivered again', (mine, { signal }) => {
  let sticks = false;
  for (const event of mine) {
    if (event.kind === 'deliver' && event.sig === signal && sticks)
      return 'the signal sticks and is delivered again';
    sticks = next(sticks, event, signal);
  }
  return null;
});

const sticky3 = rule(
  'sticky-3',
  'while the signal sticks the next blocking call returns -EINTR at once',
  (mine, { signal }) => {
    // Where only marked calls are interrupted, the promise is about them.
    const marks = mine.some((event) => event.kind === 'proposal' && event.scope === 'marked');
    let sticks = false;
    let call: Of<'call'> | null = null;
    for (const [i, event] of mine.entries()) {
      sticks = next(sticks, event, signal);
      if (event.kind === 'call') call = sticks && (!marks || event.cancellable === true) ? event : null;
      if (call === null) continue;
      const name = syscallName(call.nr);
      // A sleep that does not look at signal_pending() is none of the promise's.
      if (event.kind === 'sleep' && event.uninterruptible !== true)
        return `${name} goes to sleep although the signal sticks`;
      // A handler with SA_RESTART comes first: the call it restarts is the next one.
      if (
        event.kind === 'restart' &&
        event.outcome === 'restarted' &&
        sticks &&
        mine[i + 1]?.kind !== 'deliver'
      )
        return `${name} is made again although the signal sticks`;
    }
    return null;
  },
);

/** Calls whose arguments say that they must not wait: timeout 0. */
const NON_BLOCKING: ReadonlyMap<number, (args: readonly number[]) => boolean> = new Map([
  [168, ([, , timeout]: readonly number[]) => timeout === 0],
  [256, ([, , , timeout]: readonly number[]) => timeout === 0],
  [319, ([, , , timeout]: readonly number[]) => timeout === 0],
]);

const sticky4 = rule('sticky-4', 'non-blocking calls work while the signal sticks', (mine, { signal }) => {
  let sticks = false;
  let call: Of<'call'> | null = null;
  for (const event of mine) {
    sticks = next(sticks, event, signal);
    if (event.kind === 'call') call = sticks ? event : null;
    if (event.kind !== 'return' || call === null || !INTERRUPTED.has(event.value)) continue;
    if (NON_BLOCKING.get(call.nr)?.(call.args) === true)
      return `${syscallName(call.nr)} with timeout 0 is interrupted by the signal that sticks`;
  }
  return null;
});

const sticky5 = rule('sticky-5', 'the separate operation clears it', (_mine, { history, signal, target }) => {
  let cleared = false;
  for (const event of history) {
    if (event.kind === 'signal' && event.sig === signal) cleared = false;
    if (event.tid !== target) continue;
    if (is(event, 'cleared', signal)) cleared = true;
    if (cleared && is(event, 'latched', signal))
      return 'the signal was cleared, and an older copy of it sticks again';
  }
  return null;
});

const sticky6 = rule(
  'sticky-6',
  'without the new flag of sigaction nothing changes',
  (_mine, { history }) => {
    for (const event of history) {
      if (event.kind !== 'proposal') continue;
      if (event.what === 'latched' && (event.flags & SA_STICKY) === 0)
        return 'a signal without the flag sticks';
      if (event.what === 'latched-by-clone')
        return `a signal sticks in thread ${event.tid}, which no signal with the flag was delivered to`;
    }
    return null;
  },
);

function is(event: Event | undefined, what: Proposal['what'], sig: number): boolean {
  return event?.kind === 'proposal' && event.what === what && event.sig === sig;
}

function next(sticks: boolean, event: Event, sig: number): boolean {
  if (is(event, 'latched', sig)) return true;
  return is(event, 'cleared', sig) ? false : sticks;
}

export const STICKY_RULES: readonly Rule[] = [sticky1, sticky2, sticky3, sticky4, sticky5, sticky6];
