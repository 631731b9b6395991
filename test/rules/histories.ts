// Small hand-made histories: what the rules see, without a machine.
import type { Effect, Event } from '../../src/kernel/history.js';
import { killInfo } from '../../src/kernel/siginfo.js';
import type { CalleeSaved } from '../../src/kernel/state.js';
import { judge } from '../../src/rules/judge.js';
import { mark } from '../../src/world/marks.js';
import type { RunRecord } from '../../src/world/record.js';

export const TARGET = 101;
export const CANCELLER = 100;
export const SIGNAL = 33;
const READ = 3;
export const CANCELED = 0xffffffff;

export const SAVED: CalleeSaved = { ebx: 1, esi: 2, edi: 3, ebp: 4, esp: 0x1000, df: false };

export function marked(name: keyof typeof mark, args: readonly number[] = [], saved = SAVED): Event {
  const main = name === 'joined' || name === 'requested' || name === 'request' || name === 'resource';
  return { kind: 'mark', tid: main ? CANCELLER : TARGET, mark: mark[name], args, saved };
}

export const begin = marked('windowBegin');
export const end = marked('windowEnd');
export const requested = marked('requested', [0]);
export const cleanup = marked('cleanup');
export const sleep: Event = { kind: 'sleep', tid: TARGET, nr: READ };
export const time: Event = { kind: 'time', tid: 0, now: 1_000_000_000 };

export function saw(result: number, error = 0): Event {
  return marked('saw', [result >>> 0, error]);
}

export function joined(value: number): Event {
  return marked('joined', [value]);
}

export function returned(value: number): Event {
  return { kind: 'return', tid: TARGET, nr: READ, value };
}

export function effect(what: Effect): Event {
  return { kind: 'effect', tid: TARGET, nr: READ, effect: what };
}

export function consumed(object = 'pipe'): Event {
  return effect({ kind: 'consumed', object, bytes: 1 });
}

const CONTEXT = { eip: 0x8048000, esp: 0x2000, eax: 0, origEax: -1 };

/** A frame of a handler at an address: lower ones are on top. */
export function deliver(frame: number, sig = SIGNAL): Event {
  const info = killInfo(sig, -6, CANCELLER);
  return { kind: 'deliver', tid: TARGET, sig, info, handler: 0x8049000, frame, context: CONTEXT };
}

export function sigreturn(frame: number): Event {
  return { kind: 'sigreturn', tid: TARGET, frame, context: CONTEXT };
}

export function watch(what: 'call' | 'return' | 'act', changes: Partial<CalleeSaved> = {}): Event {
  return { kind: 'watch', tid: TARGET, what, saved: { ...SAVED, ...changes }, value: 0 };
}

export const ENDED: RunRecord['ending'] = { kind: 'ended', exit: { kind: 'exited', status: 0 } };

export function run(history: readonly Event[], ending: RunRecord['ending'] = ENDED): RunRecord {
  return { history, ending, target: TARGET, signal: SIGNAL };
}

/** The rules a history breaks, or why it cannot be judged. */
export function verdict(
  history: readonly Event[],
  ending: RunRecord['ending'] = ENDED,
): readonly string[] | string {
  const judged = judge(run(history, ending));
  if (judged.kind === 'inconclusive') return judged.reason;
  return judged.kind === 'violation' ? judged.violations.map(({ rule }) => rule) : [];
}
