// The name of a finding across versions of the code: what is broken where, without addresses and offsets, so that a finding
// keeps its fingerprint when unrelated code moves it.
import { createHash } from 'node:crypto';

export interface Identity {
  readonly rule: string;
  readonly scenario: string;
  readonly symbol: string;
  /** AT&T syntax. */
  readonly instruction: string;
  /** Which of the equal instructions of the symbol it is, from 0, by address. */
  readonly nth: number;
  /** Before the instruction, or a moment in the kernel. */
  readonly moment: string;
}

/** The instruction without what moves: addresses, and offsets in functions that are jumped to. */
export function withoutAddresses(instruction: string): string {
  return instruction
    .replace(/(?<![\w$])(\$?)0x[0-9a-f]{6,8}\b/g, '$1ADDRESS')
    .replace(/([A-Za-z_][\w.]*)\+(?:0x)?[0-9a-f]+\b/g, '$1+OFFSET');
}

export function fingerprint({ rule, scenario, symbol, instruction, nth, moment }: Identity): string {
  const parts = [rule, scenario, symbol, withoutAddresses(instruction), String(nth), moment];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, 16);
}
