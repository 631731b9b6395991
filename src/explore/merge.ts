// "Same state, same future": a run whose state was judged before is not run again.
import { createHash } from 'node:crypto';
import type { Event } from '../kernel/history.js';
import type { Ending } from '../world/world.js';
import { runToEnd } from './run.js';
import type { Session } from './session.js';

/**
 * Two runs with equal keys go on alike and are judged alike. The key covers registers, memory, threads, the kernel's state,
 * and what the rules look at in the history so far. Bytes below the target's stack pointer that it has used before are
 * left out: by the ABI nothing reads them, and the remains of a handler's frame would make every state different.
 */
export function stateKey(session: Session): string {
  const { world } = session;
  const hash = createHash('sha1');
  hash.update(withDeadStackCleared(session, () => JSON.stringify(world.cpu.digest())));
  for (const words of world.parkedRegisters()) hash.update(words);
  hash.update(JSON.stringify([world.current.tid, world.kernel.state], plain));
  hash.update(session.observedKey());
  for (const event of world.history) hash.update(judged(event));
  return hash.digest('base64');
}

/** Byte arrays of the state are never written into: each is turned into text once. */
const known = new WeakMap<Uint8Array, string>();

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (!(value instanceof Uint8Array)) return value;
  const text = known.get(value) ?? createHash('sha1').update(value).digest('base64');
  known.set(value, text);
  return text;
}

function withDeadStackCleared<T>(session: Session, run: () => T): T {
  const { cpu } = session.world;
  const dead = session.deadStack();
  const bytes = dead === null ? null : cpu.read(dead.from, dead.length);
  if (dead === null || bytes === null) return run();
  cpu.write(dead.from, new Uint8Array(dead.length));
  try {
    return run();
  } finally {
    cpu.write(dead.from, bytes);
  }
}

/** What rules see of an event; addresses of code and frames, by which otherwise equal runs differ, are none of it. */
function judged(event: Event): string {
  switch (event.kind) {
    case 'mark':
      return `m${event.tid}:${event.mark}:${event.args[0]}:${event.args[1]};`;
    case 'effect':
      return `e${event.tid}:${event.nr}:${JSON.stringify(event.effect)};`;
    case 'watch':
      return `w${event.what}:${JSON.stringify(event.saved)};`;
    case 'deliver':
      return `d${event.tid}:${event.sig}:${event.flags};`;
    case 'signal':
      return `${event.kind}${event.tid}:${event.sig};`;
    case 'call':
      return `c${event.tid}:${event.nr}:${event.cancellable};`;
    case 'return':
      return `r${event.tid}:${event.nr}:${event.value};`;
    case 'restart':
      return `R${event.tid}:${event.nr}:${event.code}:${event.outcome};`;
    case 'proposal':
      return `p${event.tid}:${event.what}:${event.sig};`;
    case 'sleep':
    case 'sigreturn':
    case 'fault':
    case 'killed':
      return `${event.kind}${event.tid};`;
    case 'time':
      return `t${event.now};`;
    case 'unmodelled':
      return `u${event.what};`;
    default:
      return '';
  }
}

/** States of one cell that were judged. */
export type Judged<T> = Map<string, T>;

/**
 * The state is looked at where the run starts and at this many of the target's following entries into the kernel: a second
 * handler that has returned has left no trace by then, wherever it struck.
 */
const LOOKS = 6;

/** Runs on to the end and judges, or stops at the first state that was judged before. */
export function runMerged<T>(
  session: Session,
  judged: Judged<T>,
  judge: (ending: Ending) => T,
): { readonly result: T; readonly merged: boolean } {
  const keys: string[] = [];
  const conclude = (result: T, merged: boolean) => {
    for (const key of keys) judged.set(key, result);
    return { result, merged };
  };
  let seen: T | undefined;
  const look = () => {
    const key = stateKey(session);
    seen = judged.get(key);
    keys.push(key);
    return seen !== undefined;
  };
  if (look() && seen !== undefined) return conclude(seen, true);
  const ending = runToEnd(session, () => {
    const task = session.world.current;
    const entered = task.tid === session.target && task.phase.kind === 'entry';
    return entered && keys.length <= LOOKS && look();
  });
  return ending === null && seen !== undefined
    ? conclude(seen, true)
    : conclude(judge(ending ?? { kind: 'deadlock' }), false);
}
