import { restart as codes, errno } from '../kernel/abi/errno.js';
import { SA_RESTART } from '../kernel/abi/signals.js';
import type { Event } from '../kernel/history.js';
import { syscallName } from '../kernel/syscalls/table.js';
import type { Facts } from './facts.js';
import type { Rule } from './types.js';

export const restart: Rule = {
  id: 'restart',
  statement:
    'a signal with SA_RESTART never makes -EINTR visible, and one without it does exactly where Linux says',
  reason: 'signal(7), "Interruption of system calls"; arch/x86/kernel/signal.c: handle_signal.',
  check: ({ history, target }, facts) => {
    const mine = history.filter((event) => event.tid === target);
    return againstTable(mine) ?? visible(mine, facts);
  },
};

type Of<K extends Event['kind']> = Extract<Event, { kind: K }>;

/** What the first handler's flags make of each interrupted call. */
function againstTable(mine: readonly Event[]): string | null {
  for (const [i, event] of mine.entries()) {
    const next = mine[i + 1];
    if (event.kind !== 'restart' || next?.kind !== 'deliver' || next.flags === undefined) continue;
    // A handler started from user mode later on has no say in it.
    if (next.context.origEax === -1) continue;
    const expected = outcomeFor(event.code, next.flags);
    if (event.outcome !== expected)
      return `${syscallName(event.nr)} is ${event.outcome} where Linux makes it ${expected}`;
  }
  return null;
}

function outcomeFor(code: number, flags: number): Of<'restart'>['outcome'] {
  if (code === codes.ERESTARTNOINTR) return 'restarted';
  return code === codes.ERESTARTSYS && (flags & SA_RESTART) !== 0 ? 'restarted' : 'eintr';
}

/** epoll_wait, epoll_pwait, semop, rt_sigtimedwait and its 64-bit form: plain -EINTR, never restarted (signal(7)). */
const NEVER_RESTARTED: ReadonlySet<number> = new Set([256, 319, 177, 421, 117]);
const NEEDS_NO_HANDLER: ReadonlySet<number> = new Set([-codes.ERESTARTNOHAND, -codes.ERESTART_RESTARTBLOCK]);

/** The program was told EINTR, and nothing that Linux lets tell it so has happened in the window. */
function visible(mine: readonly Event[], { saw }: Facts): string | null {
  if (saw === null || saw.result !== -1 || saw.error !== errno.EINTR) return null;
  const handlers = mine.filter((event) => event.kind === 'deliver');
  if (handlers.some(({ flags }) => flags === undefined || (flags & SA_RESTART) === 0)) return null;
  const returns = mine.filter((event) => event.kind === 'return');
  const allowed = returns.some(
    ({ nr, value }) => NEEDS_NO_HANDLER.has(value) || (value === -errno.EINTR && NEVER_RESTARTED.has(nr)),
  );
  return allowed ? null : 'the program was told EINTR, but every handler that ran has SA_RESTART';
}
