/** The situations a cancellation point is put into: one program each, in fixtures/programs/cancel. */
export interface Scenario {
  readonly id: string;
  /** Short heading of a column. */
  readonly title: string;
  /** What the run without a cancellation must have shown, or the scenario has not reached its window. */
  readonly reaches: readonly Reach[];
}

/** Facts of the main line: a call slept, an effect of a kind happened, the window's end was seen. */
export type Reach =
  | 'sleep'
  | 'wake'
  | 'consumed'
  | 'produced'
  | 'descriptor'
  | 'end'
  | 'disabled'
  | 'async'
  | 'acted'
  | 'no-point'
  | 'handler'
  | 'spawned';

/** The situations that every cancellation point meets: what the default matrix shows. */
export const USUAL_SCENARIOS: readonly Scenario[] = [
  { id: 'read-empty', title: 'read of an empty pipe', reaches: ['sleep'] },
  { id: 'read-data', title: 'read with data waiting', reaches: ['consumed', 'end'] },
  {
    id: 'read-arriving',
    title: 'read, data arrives while asleep',
    reaches: ['sleep', 'wake', 'consumed', 'end'],
  },
  { id: 'open', title: 'open of a file', reaches: ['descriptor', 'end'] },
  { id: 'recv-fd', title: 'recvmsg of a descriptor', reaches: ['descriptor', 'end'] },
  { id: 'write-full', title: 'write to a full pipe', reaches: ['sleep'] },
  { id: 'write-drained', title: 'write, room while asleep', reaches: ['sleep', 'wake', 'produced', 'end'] },
  { id: 'nanosleep', title: 'nanosleep', reaches: ['sleep', 'wake', 'end'] },
  { id: 'sem-wait', title: 'sem_wait, posted while asleep', reaches: ['sleep', 'end'] },
  { id: 'cond-wait', title: 'pthread_cond_wait', reaches: ['sleep', 'end'] },
  { id: 'disabled', title: 'read, cancellation disabled', reaches: ['disabled', 'sleep', 'consumed', 'end'] },
  { id: 'requested-before', title: 'read, requested before', reaches: ['acted'] },
  { id: 'async', title: 'asynchronous type', reaches: ['async', 'sleep'] },
  { id: 'cleanup-calls', title: 'cleanup that makes calls', reaches: ['sleep'] },
];

/** Situations that only some designs are about: calls that are no points, sleeps that nothing ends, changes of state. */
const SPECIAL_SCENARIOS: readonly Scenario[] = [
  {
    id: 'disable-inside',
    title: 'disabled inside the window',
    reaches: ['disabled', 'sleep', 'consumed', 'end'],
  },
  { id: 'internal-lock', title: 'mutex, not a point', reaches: ['sleep', 'end'] },
  { id: 'poll-now', title: 'poll with timeout 0', reaches: ['end'] },
  { id: 'thread-made', title: 'pthread_create', reaches: ['end'] },
  { id: 'fsync', title: 'fsync, uninterruptible', reaches: ['sleep', 'end'] },
  { id: 'close', title: 'close of a descriptor', reaches: ['end'] },
  { id: 'write-part', title: 'write, partly done', reaches: ['produced', 'sleep'] },
  { id: 'cleanup-lock', title: 'cleanup that waits for a lock', reaches: ['sleep'] },
  { id: 'cancelled-twice', title: 'cancelled twice', reaches: ['sleep', 'acted'] },
  { id: 'cancel-self', title: 'cancels itself', reaches: ['acted'] },
  { id: 'no-point', title: 'no cancellation point', reaches: ['no-point', 'consumed', 'end'] },
  { id: 'internal-stdio', title: 'stdio lock, not a point', reaches: ['sleep', 'end'] },
  {
    id: 'lookup',
    title: 'chain of calls, disabled',
    reaches: ['disabled', 'sleep', 'wake', 'consumed', 'end'],
  },
  { id: 'sleep-disabled', title: 'nanosleep, disabled', reaches: ['disabled', 'sleep', 'wake', 'end'] },
  { id: 'alternate-stack', title: 'read in a handler, SA_ONSTACK', reaches: ['handler', 'sleep'] },
  { id: 'fork-made', title: 'fork', reaches: ['spawned', 'end'] },
  { id: 'six-arguments', title: 'pselect, six arguments', reaches: ['sleep', 'wake', 'end'] },
];

export const SCENARIOS: readonly Scenario[] = [...USUAL_SCENARIOS, ...SPECIAL_SCENARIOS];

export function findScenario(id: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.id === id);
}

/** What a program's own handler of SIGUSR1 does; fixtures/programs/cancel/handlers.h knows the same names. */
export const HANDLERS = [
  { id: 'returns', title: 'returns, installed without SA_RESTART' },
  { id: 'restart', title: 'returns, installed with SA_RESTART' },
  { id: 'calls', title: 'makes a blocking and a non-blocking call' },
  { id: 'point', title: 'calls a cancellation point' },
  { id: 'toggles', title: 'disables cancellation and enables it again' },
  { id: 'jumps', title: 'leaves by siglongjmp' },
] as const;

export type HandlerId = (typeof HANDLERS)[number]['id'];

export function findHandler(id: string): HandlerId | undefined {
  return HANDLERS.find((handler) => handler.id === id)?.id;
}
