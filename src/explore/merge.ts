// "Same state, same future": a key for everything that a run's rest, and its judgement, can depend on.
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import type { Event } from '../kernel/history.js';
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
  hash.update(serialize({ ...world.kernel.state, current: world.current.tid }));
  hash.update(session.observedKey());
  for (const event of world.history) hash.update(judged(event));
  return hash.digest('base64');
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
    case 'signal':
      return `${event.kind}${event.tid}:${event.sig};`;
    case 'sleep':
    case 'return':
    case 'restart':
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
