// One case of `sigreturn`: signals whose handlers change the frames that they were given, and return through them.
import type { Draws } from '../core/draws.js';
import { type Action, drawMask, drawRoomyStack, EFLAGS, SA_ONSTACK, SA_SIGINFO } from '../entry/case.js';
import { drawEdit, type FrameEdit } from './edits.js';

export interface Arrival {
  readonly sig: number;
  readonly to: 'thread' | 'process';
  /** Before the first instruction, so that frames of several are built on top of each other, or in the handler before. */
  readonly when: 'begin' | 'handler';
}

export interface SigreturnCase {
  /** eax, ebx, ecx, edx, esi, edi, ebp of the interrupted code. */
  readonly registers: readonly number[];
  readonly esp: number;
  readonly eflags: number;
  readonly blocked: readonly [low: number, high: number];
  readonly altStack: number;
  readonly actions: readonly Action[];
  readonly arrivals: readonly Arrival[];
  /** By the nth handler that begins. */
  readonly edits: readonly (readonly FrameEdit[])[];
}

const SIGNALS = [10, 34] as const;
const ARRIVALS_MAX = 3;
const EDITS_MAX = 5;

function drawAction(draws: Draws, sig: number): Action {
  const siginfo = draws.below(2) === 0 ? SA_SIGINFO : 0;
  const flags = siginfo | (draws.oneIn(4) ? SA_ONSTACK : 0);
  return { sig, handler: 'handler', flags: flags >>> 0, mask: drawMask(draws) };
}

function drawArrival(draws: Draws): Arrival {
  const sig = draws.pick(SIGNALS);
  const to = draws.pick(['thread', 'process'] as const);
  return { sig, to, when: draws.pick(['begin', 'handler'] as const) };
}

function drawFlags(draws: Draws): number {
  if (!draws.oneIn(4)) return EFLAGS.fixed;
  const { CF, DF, AC } = EFLAGS;
  return [CF, DF, AC].reduce((sum, flag) => (draws.oneIn(2) ? sum | flag : sum), EFLAGS.fixed);
}

export function drawSigreturnCase(draws: Draws): SigreturnCase {
  const first = draws.group(() => drawArrival(draws));
  const arrivals = [
    { ...first, when: 'begin' as const },
    ...draws.list(ARRIVALS_MAX - 1, () => drawArrival(draws)),
  ];
  const edits = arrivals.map(() => draws.list(EDITS_MAX, () => drawEdit(draws)));
  return {
    arrivals,
    edits,
    actions: SIGNALS.map((sig) => draws.group(() => drawAction(draws, sig))),
    registers: draws.group(() => Array.from({ length: 7 }, () => (draws.oneIn(3) ? draws.word() : 0))),
    esp: draws.group(() => drawRoomyStack(draws)),
    eflags: draws.group(() => drawFlags(draws)),
    blocked: draws.group(() => drawMask(draws)),
    altStack: draws.oneIn(3) ? draws.pick([8192, 4096, 2048]) : 0,
  };
}
