// Tokens of cases that are played on the stage: TARGET+IMAGE+OTHER+DRAWS+CODE. Findings of `cancel` have the sweep's own
// tokens, see suite/token.ts.
import { formatDraws, parseDraws } from './draws.js';

export interface StageToken {
  readonly target: 'entry' | 'sigreturn';
  /** Ids of vDSO images; `other` is what `image` is compared with, null for int $0x80 in the same world. */
  readonly image: string;
  readonly other: string | null;
  readonly draws: readonly number[];
  /** Of the stage and the images. */
  readonly code: string;
}

const NO_OTHER = 'int80';

export function formatStageToken({ target, image, other, draws, code }: StageToken): string {
  return [target, image, other ?? NO_OTHER, formatDraws(draws), code].join('+');
}

export type StageTokenResult =
  | { readonly ok: true; readonly token: StageToken }
  | { readonly ok: false; readonly reason: string };

/** Whether a text is meant to be one: replay takes two kinds of tokens. */
export function isStageToken(text: string): boolean {
  return /^(?:entry|sigreturn)\+/.test(text);
}

export function parseStageToken(text: string): StageTokenResult {
  const [target, image, other, drawn = '', code, ...rest] = text.split('+');
  const known = target === 'entry' || target === 'sigreturn';
  const draws = parseDraws(drawn);
  if (!known || !image || !other || !code || rest.length > 0 || !/^[0-9a-f]{8}$/.test(code)) {
    const expected = 'entry or sigreturn, then +IMAGE+OTHER+DRAWS+CODE';
    const shown = text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?');
    return { ok: false, reason: `not a token of the fuzz: ${shown} (expected ${expected})` };
  }
  if (draws === null)
    return {
      ok: false,
      reason: `not a token of the fuzz: draws ${drawn.slice(0, 40).replace(/[^\x20-\x7e]/g, '?')} (numbers in base 36)`,
    };
  return {
    ok: true,
    token: { target, image, other: other === NO_OTHER ? null : other, draws, code },
  };
}
