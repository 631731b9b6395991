// A run's state as a short text: two runs with equal texts go on alike and are judged alike.
import { createHash } from 'node:crypto';
import type { Event } from '../kernel/history.js';
import type { KernelState, SignalQueue } from '../kernel/state.js';
import type { Session } from './session.js';

/**
 * It covers registers, memory, threads, the kernel's state, and what the rules look at in the history so far. Bytes below
 * the target's stack pointer that it has used before are left out: by the ABI nothing reads them, and the remains of a
 * handler's frame would make every state different.
 */
export function stateKey(session: Session): string {
  const { world } = session;
  const hash = createHash('sha1');
  const memory = withDeadStackCleared(session, () => world.cpu.digest());
  hash.update(
    `${memory.join()};${world.current.tid};${session.observedKey()};${session.unwinding?.key() ?? ''};`,
  );
  hash.update(kernelText(world.kernel.state));
  hash.update(historyText(world.history, session.begin, session.target));
  for (const words of world.parkedRegisters()) hash.update(words);
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

/** What is nested in the state below these levels is immutable and shared between copies (see KernelState). */
function kernelText({ tasks, processes, openFiles, objects, timers, ...numbers }: KernelState): string {
  return [
    flat(numbers),
    ...tasks.map(({ pending, ...task }) => flat(task) + queueText(pending)),
    ...processes.map(({ pending, mm, ...process }) => flat(process) + queueText(pending) + flat(mm)),
    ...[...openFiles, ...objects, ...timers].map(flat),
  ].join(';');
}

function queueText({ set, infos }: SignalQueue): string {
  return `${textOf(set)}${textOf(infos)}`;
}

function flat(record: object): string {
  let text = '';
  for (const value of Object.values(record)) {
    text += typeof value === 'object' && value !== null ? textOf(value) : String(value);
    text += ',';
  }
  return text;
}

const known = new WeakMap<object, string>();

/** Of an immutable value, made once. */
function textOf(value: object): string {
  return known.get(value) ?? kept(known, value, JSON.stringify(value, plain));
}

function kept<T extends object>(texts: WeakMap<T, string>, value: T, text: string): string {
  texts.set(value, text);
  return text;
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  return value instanceof Uint8Array ? createHash('sha1').update(value).digest('base64') : value;
}

/**
 * What rules see of the events since the window's begin. Addresses by which otherwise equal runs differ are none of it:
 * of a frame only to which one a handler returns, and which ones are still open.
 */
function historyText(history: readonly Event[], begin: number, target: number): string {
  const frames: number[] = [];
  let text = '';
  for (let at = begin; at < history.length; at++) {
    const event = history[at];
    if (event === undefined) continue;
    text += eventText(event);
    if (event.tid !== target) continue;
    if (event.kind === 'deliver') frames.push(event.frame);
    if (event.kind !== 'sigreturn') continue;
    const open = frames.lastIndexOf(event.frame);
    text += `${open < 0 ? 'none' : frames.length - open};`;
    if (open >= 0) frames.length = open;
  }
  return `${text}${frames.join()}`;
}

/** poll, epoll_wait, epoll_pwait: sticky-4 looks at their timeouts. What is in the registers is nobody's argument otherwise. */
const WITH_TIMEOUT: ReadonlySet<number> = new Set([168, 256, 319]);

const told = new WeakMap<Event, string>();

function eventText(event: Event): string {
  return told.get(event) ?? kept(told, event, judged(event));
}

function judged(event: Event): string {
  switch (event.kind) {
    case 'mark':
    case 'watch':
    case 'unwind':
    case 'effect':
    case 'sleep':
    case 'restart':
    case 'return':
    case 'proposal':
    case 'fault':
    case 'unmodelled':
    case 'time':
      return JSON.stringify(event);
    case 'call':
      return `call${event.tid}:${event.nr}:${WITH_TIMEOUT.has(event.nr) ? event.args.join() : ''}:${event.cancellable};`;
    case 'deliver':
      return `deliver${event.tid}:${event.sig}:${event.flags}:${event.context.origEax === -1};`;
    case 'signal':
    case 'killed':
      return `${event.kind}${event.tid}:${event.sig};`;
    case 'sigreturn':
    case 'exit':
      return `${event.kind}${event.tid};`;
    default:
      return '';
  }
}
