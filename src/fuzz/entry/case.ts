// One case of `entry`: some calls, the stack and flags they are made with, and what happens from outside meanwhile.
import type { Draws } from '../core/draws.js';
import { type CallSpec, drawCall } from './calls.js';
import { ZONE_END, ZONE_READONLY, ZONE_WRITABLE } from './stage.js';

/**
 * Where an event comes, said so that it means the same on every form of the entry: in user mode before the call is made,
 * on entry before it looks, while it sleeps, when it was woken, when it is done and user mode has not resumed, in user
 * mode afterwards, or in a handler.
 */
export const MOMENTS = ['before', 'entry', 'asleep', 'woken', 'exit', 'after', 'handler'] as const;
export type CaseMoment = (typeof MOMENTS)[number];

export type Deed =
  | {
      readonly kind: 'signal';
      readonly sig: number;
      readonly to: 'thread' | 'process';
      /** si_code: from kill, tkill or sigqueue. */
      readonly code: number;
      /** What sigqueue was given beside: si_errno, then the words of the union. */
      readonly given: readonly number[];
    }
  /** Bytes arrive in the pipe that read, poll and ppoll look at. */
  | { readonly kind: 'data'; readonly bytes: number };

/** A handler changes the context that it was given, before it returns. */
export interface Edit {
  readonly field: 'eax' | 'ebx' | 'esi' | 'edi' | 'oldmask';
  readonly value: number;
}

export interface Happening {
  /** Number of the call. */
  readonly call: number;
  readonly moment: CaseMoment;
  /** In a handler: instructions to let pass. */
  readonly skip: number;
  readonly deed: Deed;
  /** Of the first frame that is built from here on. */
  readonly edit: Edit | null;
}

export interface Action {
  readonly sig: number;
  readonly handler: 'handler' | 'ignore' | 'default';
  readonly flags: number;
  readonly mask: readonly [low: number, high: number];
}

export type StackKind = 'roomy' | 'low' | 'top' | 'readonly' | 'unmapped' | 'guard';

export interface EntryCase {
  /** How the calls are made: through the vDSO; or by a fast instruction of the program's own. */
  readonly via: 'vdso' | 'own';
  readonly stack: StackKind;
  readonly esp: number;
  readonly eflags: number;
  readonly blocked: readonly [low: number, high: number];
  /** Bytes for SA_ONSTACK; 0 is none. */
  readonly altStack: number;
  /** Where it begins, when that is not the stage's own place for it: at an edge of memory, to be read only, or nowhere. */
  readonly altAt: number | null;
  readonly actions: readonly Action[];
  readonly calls: readonly CallSpec[];
  readonly happenings: readonly Happening[];
  /** Instructions of the entry, and of the way back, before a signal in user mode comes. */
  readonly before: number;
  readonly after: number;
}

export const SA_SIGINFO = 4;
export const SA_ONSTACK = 0x08000000;
export const SA_RESTART = 0x10000000;
export const SA_NODEFER = 0x40000000;
export const SA_RESETHAND = 0x80000000;

const SIGNALS = [10, 12, 34, 64];
/** Nothing in a case would let a stopped process go on. */
const STOPS = [19, 20, 21, 22];
const SIGCONT = 18;
const FLAGS = [SA_RESTART, SA_SIGINFO, SA_NODEFER, SA_ONSTACK, SA_RESETHAND];

/** What every case begins with; drawn actions replace them. */
export const USUAL_ACTIONS: readonly Action[] = [
  { sig: 10, handler: 'handler', flags: SA_SIGINFO, mask: [0, 0] },
  { sig: 12, handler: 'handler', flags: SA_RESTART, mask: [0, 0] },
  { sig: 34, handler: 'handler', flags: SA_SIGINFO | SA_RESTART, mask: [0, 0] },
  { sig: 64, handler: 'handler', flags: 0, mask: [0, 0] },
];

export const EFLAGS = { CF: 1, fixed: 0x202, TF: 0x100, DF: 0x400, NT: 0x4000, AC: 0x40000 };

function drawSignal(draws: Draws): number {
  if (!draws.oneIn(12)) return draws.pick(SIGNALS);
  const any = 1 + draws.below(64);
  return STOPS.includes(any) ? SIGCONT : any;
}

export function drawMask(draws: Draws): [number, number] {
  if (draws.below(3) < 2) return [0, 0];
  return draws.oneIn(3) ? [draws.below(2 ** 32), draws.below(2 ** 32)] : [0xa00, 0x80000002];
}

function drawAction(draws: Draws): Action {
  const sig = drawSignal(draws);
  const handler = draws.pick(['handler', 'handler', 'handler', 'ignore', 'default'] as const);
  const flags = FLAGS.reduce((sum, flag) => (draws.oneIn(2) ? (sum | flag) >>> 0 : sum), 0);
  return { sig, handler, flags, mask: drawMask(draws) };
}

/** si_errno, si_pid, si_uid, si_value, and a word that nobody reads. */
const GIVEN_MAX = 5;

function drawDeed(draws: Draws): Deed {
  if (draws.oneIn(6)) return { kind: 'data', bytes: 1 + draws.below(12) };
  const SI = { user: 0, tkill: -6, queue: -1 };
  const sig = drawSignal(draws);
  const to = draws.pick(['thread', 'process'] as const);
  const code = draws.pick([SI.tkill, SI.user, SI.queue]);
  const given = code === SI.queue ? draws.list(GIVEN_MAX, () => draws.word()) : [];
  return { kind: 'signal', sig, to, code, given };
}

function drawEdit(draws: Draws): Edit | null {
  if (!draws.oneIn(8)) return null;
  const field = draws.pick(['ebx', 'esi', 'edi', 'eax', 'oldmask'] as const);
  return { field, value: draws.word() };
}

function drawHappening(draws: Draws, calls: number): Happening {
  const call = draws.below(calls);
  const moment = draws.pick(MOMENTS);
  return { call, moment, skip: draws.below(6), deed: drawDeed(draws), edit: drawEdit(draws) };
}

/** Top of the writable pages, less what the entry may have above it. */
const ROOMY_TOP = ZONE_READONLY - 256;

/** ESP with room for every frame of a case, at any alignment. */
export function drawRoomyStack(draws: Draws): number {
  return ROOMY_TOP - draws.below(64);
}

function drawStack(draws: Draws): { stack: StackKind; esp: number } {
  const stack = draws.oneIn(5)
    ? draws.pick(['low', 'top', 'readonly', 'unmapped', 'guard'] as const)
    : 'roomy';
  const offset = draws.below(64);
  switch (stack) {
    case 'roomy':
      return { stack, esp: ROOMY_TOP - offset };
    case 'low':
      return { stack, esp: ZONE_WRITABLE + offset * (draws.oneIn(2) ? 64 : 1) };
    case 'top':
      return { stack, esp: ZONE_READONLY + 12 - offset };
    case 'readonly':
      return { stack, esp: ZONE_END - offset * 16 };
    case 'unmapped':
      return { stack, esp: draws.word() };
    case 'guard':
      return { stack, esp: ZONE_WRITABLE - offset };
  }
}

function drawEflags(draws: Draws): number {
  if (!draws.oneIn(4)) return EFLAGS.fixed;
  const { CF, DF, NT, AC, TF } = EFLAGS;
  const some = [CF, DF, NT, AC].reduce((sum, flag) => (draws.oneIn(2) ? sum | flag : sum), EFLAGS.fixed);
  return draws.oneIn(8) ? some | TF : some;
}

export function drawCase(draws: Draws): EntryCase {
  const first = draws.group(() => drawCall(draws));
  const calls = [first, ...draws.list(2, () => drawCall(draws))];
  const happenings = draws.list(4, () => drawHappening(draws, calls.length));
  const actions = draws.list(3, () => drawAction(draws));
  return {
    calls,
    happenings,
    actions,
    before: draws.below(10),
    after: draws.below(6),
    via: draws.oneIn(24) ? 'own' : 'vdso',
    ...draws.group(() => drawStack(draws)),
    eflags: draws.group(() => drawEflags(draws)),
    blocked: draws.group(() => drawMask(draws)),
    ...draws.group(() => drawAlternate(draws)),
  };
}

function drawAlternate(draws: Draws): Pick<EntryCase, 'altStack' | 'altAt'> {
  const altStack = draws.oneIn(6) ? draws.pick([8192, 2048, 1440, 64]) : 0;
  if (altStack === 0 || !draws.oneIn(4)) return { altStack, altAt: null };
  const edge = draws.pick([
    ZONE_WRITABLE,
    ZONE_READONLY,
    ZONE_READONLY - altStack,
    ZONE_END,
    ZONE_END - altStack,
  ]);
  const altAt = draws.oneIn(5) ? draws.word() : edge - draws.below(64);
  return { altStack, altAt };
}

/** Room for the frames of four signals on top of each other. */
const ROOMY_ALTERNATE = 8192;

/** On a roomy stack, without single steps and from the vDSO every form must do the same, and nothing may fault. */
export function isStrict({ stack, eflags, via, altStack, altAt }: EntryCase): boolean {
  const alternate = altStack === 0 || (altStack >= ROOMY_ALTERNATE && altAt === null);
  const room = stack === 'roomy' && alternate;
  return room && (eflags & EFLAGS.TF) === 0 && via === 'vdso';
}
