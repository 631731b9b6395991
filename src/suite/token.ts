import type { Chosen } from '../explore/choices.js';
import { findHandler } from '../explore/scenarios.js';
import type { CellId } from './types.js';

/**
 * A token names exactly one run: LIBC+DESIGN+VDSO+SCENARIO[:HANDLER][:unwind]+CHOICES+CODE; `unwind`: that rule
 * is on. A choice is the letter c (cancel), s
 * (the application's signal), p (the canceller is preempted) or r (it goes on) with a point's number; CODE is the hash of the code that was swept.
 */
export interface Token {
  readonly id: CellId;
  readonly choices: readonly Chosen[];
  readonly code: string;
}

const LETTERS: Readonly<Record<string, Chosen['action']>> = {
  c: 'cancel',
  s: 'signal',
  p: 'preempt',
  r: 'resume',
};

/** Stands where a handler's name does, and last; no handler has this name. */
const UNWIND = 'unwind';

export function formatToken({ id, choices, code }: Token): string {
  const chosen = choices.map(({ index, action }) => `${action[0]}${index}`).join('.') || 'none';
  const scenario = [id.scenario, id.handler ?? [], id.unwind === true ? UNWIND : []].flat().join(':');
  return [id.libc, id.design, id.vdso, scenario, chosen, code].join('+');
}

export type TokenResult =
  | { readonly ok: true; readonly token: Token }
  | { readonly ok: false; readonly reason: string };

function notAToken(why: string): TokenResult {
  // What was given may hold anything; the answer is one line.
  return { ok: false, reason: `not a token: ${why.replace(/[^\x20-\x7e]/g, '?')}` };
}

export function parseToken(text: string): TokenResult {
  const [libc, design, vdso, where, chosen, code, ...rest] = text.split('+');
  const complete = libc && design && vdso && where && chosen && code && rest.length === 0;
  if (!complete || !/^[0-9a-f]{8}$/.test(code)) {
    return notAToken(`${text.slice(0, 80)} (expected LIBC+DESIGN+VDSO+SCENARIO+CHOICES+CODE)`);
  }
  const parts = where.split(':');
  const unwind = parts.length > 1 && parts.at(-1) === UNWIND;
  const [scenario = '', name, ...more] = unwind ? parts.slice(0, -1) : parts;
  const handler = name === undefined ? undefined : findHandler(name);
  if ((name !== undefined && handler === undefined) || more.length > 0) {
    return notAToken(`${where.slice(0, 40)} (no such handler)`);
  }
  if (!/^(none|[cspr]\d{1,9}(\.[cspr]\d{1,9})*)$/.test(chosen)) {
    return notAToken(`choices ${chosen.slice(0, 40)} (expected none, or c, s, p or r and a point's number)`);
  }
  const id: CellId = {
    ...{ libc, design, vdso, scenario },
    ...(handler === undefined ? {} : { handler }),
    ...(unwind ? { unwind } : {}),
  };
  return {
    ok: true,
    token: { id, choices: chosen === 'none' ? [] : chosen.split('.').map(parseChoice), code },
  };
}

function parseChoice(text: string): Chosen {
  return { index: Number(text.slice(1)), action: LETTERS[text.slice(0, 1)] ?? 'cancel' };
}
