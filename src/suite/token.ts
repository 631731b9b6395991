import type { Chosen } from '../explore/choices.js';
import type { CellId } from './types.js';

/**
 * A token names exactly one run: LIBC+DESIGN+VDSO+SCENARIO+CHOICES+CODE. Choices are the letter c (cancel) with a point's
 * number; CODE is the hash of the code that was swept.
 */
export interface Token {
  readonly id: CellId;
  readonly choices: readonly Chosen[];
  readonly code: string;
}

export function formatToken({ id, choices, code }: Token): string {
  const chosen = choices.map(({ index }) => `c${index}`).join('.') || 'none';
  return [id.libc, id.design, id.vdso, id.scenario, chosen, code].join('+');
}

export type TokenResult =
  | { readonly ok: true; readonly token: Token }
  | { readonly ok: false; readonly reason: string };

export function parseToken(text: string): TokenResult {
  const [libc, design, vdso, scenario, chosen, code, ...rest] = text.split('+');
  const complete = libc && design && vdso && scenario && chosen && code && rest.length === 0;
  if (!complete || !/^[0-9a-f]{8}$/.test(code)) {
    return {
      ok: false,
      reason: `not a token: ${text.slice(0, 80)} (expected LIBC+DESIGN+VDSO+SCENARIO+CHOICES+CODE)`,
    };
  }
  if (!/^(none|c\d{1,9}(\.c\d{1,9})*)$/.test(chosen)) {
    return {
      ok: false,
      reason: `not a token: choices ${chosen.slice(0, 40)} (expected none, or c and a point's number)`,
    };
  }
  const choices =
    chosen === 'none'
      ? []
      : chosen.split('.').map((one) => ({ index: Number(one.slice(1)), action: 'cancel' as const }));
  return { ok: true, token: { id: { libc, design, vdso, scenario }, choices, code } };
}
