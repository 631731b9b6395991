// What each scenario has to come to when nothing happens inside the window but the target's own sleep: a result that the
// target sees, or cancellation before it sees any.

/** How the window of a run on the main line ends; `thread` says what becomes of the thread. */
export type WindowEnd = 'cancelled' | { readonly saw: number; readonly thread: 'finished' | 'cancelled' };

export interface Expected {
  /** The feeder goes before the canceller. */
  readonly feederFirst: WindowEnd;
  readonly cancellerFirst: WindowEnd;
  /** Whether the target sleeps in its call when nothing else has happened. */
  readonly sleeps: boolean;
  /** C libraries that throw the call's effect away when they cancel it: a defect that a scenario is there to show. */
  readonly lostBy?: readonly string[];
}

const finished = (saw: number): WindowEnd => ({ saw, thread: 'finished' });

/** The call ends only by cancellation. */
const endless: Expected = { feederFirst: 'cancelled', cancellerFirst: 'cancelled', sleeps: true };
/** The call succeeds unless cancelled: it sleeps until it is fed. */
const fed = (saw: number): Expected => ({
  feederFirst: finished(saw),
  cancellerFirst: 'cancelled',
  sleeps: true,
});
/** The call succeeds before anybody is asked; the canceller comes too late. */
const immediate = (saw: number): Expected => ({
  feederFirst: finished(saw),
  cancellerFirst: finished(saw),
  sleeps: false,
});

export const EXPECTED: Readonly<Record<string, Expected>> = {
  async: endless,
  'cleanup-calls': endless,
  'cond-wait': fed(0),
  'disable-inside': {
    feederFirst: finished(1),
    cancellerFirst: { saw: 1, thread: 'cancelled' },
    sleeps: true,
  },
  disabled: { feederFirst: finished(1), cancellerFirst: { saw: 1, thread: 'cancelled' }, sleeps: true },
  'internal-lock': {
    feederFirst: finished(0),
    cancellerFirst: { saw: 0, thread: 'cancelled' },
    sleeps: true,
  },
  'poll-now': immediate(0),
  close: immediate(0),
  'thread-made': immediate(0),
  // Time passes when everybody else waits.
  fsync: { ...immediate(0), sleeps: true },
  nanosleep: { ...immediate(0), sleeps: true },
  open: immediate(3),
  'read-arriving': fed(1),
  'read-data': immediate(1),
  'read-empty': endless,
  'recv-fd': immediate(1),
  'requested-before': { feederFirst: 'cancelled', cancellerFirst: 'cancelled', sleeps: false },
  'sem-wait': fed(0),
  'write-drained': fed(1),
  'write-full': endless,
  // The page that is in the pipe already is told of, whoever wakes the call; glibc had bug 12683 up to 2.40.
  'write-part': {
    feederFirst: { saw: 4096, thread: 'cancelled' },
    cancellerFirst: { saw: 4096, thread: 'cancelled' },
    sleeps: true,
    lostBy: ['glibc-2.36'],
  },
  'cleanup-lock': endless,
  'cancelled-twice': endless,
  'cancel-self': { feederFirst: 'cancelled', cancellerFirst: 'cancelled', sleeps: false },
  'no-point': immediate(1),
  'internal-stdio': {
    feederFirst: finished(0x78),
    cancellerFirst: { saw: 0x78, thread: 'cancelled' },
    sleeps: true,
  },
  lookup: { feederFirst: finished(2), cancellerFirst: { saw: 2, thread: 'cancelled' }, sleeps: true },
  'sleep-disabled': { ...immediate(0), sleeps: true },
  'alternate-stack': endless,
  'fork-made': immediate(0),
  'six-arguments': { ...immediate(0), sleeps: true },
};
