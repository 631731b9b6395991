// Collects what is found about one function and puts it into a verdict.
import { cfaText, registerName, ruleText } from '../text.js';
import type { Row } from '../types.js';
import type { CodeSpace } from './code.js';
import type { Comparison } from './compare.js';
import type { CheckedFunction } from './functions.js';
import type { FunctionVerdict, Mismatch } from './verdict.js';

/** Reasons named for one function; more are only counted. */
const REASONS_SHOWN = 4;

export class Findings {
  readonly fn: CheckedFunction;
  readonly #mismatches = new Map<string, Mismatch>();
  readonly #reasons = new Set<string>();
  instructions = 0;

  constructor(fn: CheckedFunction) {
    this.fn = fn;
  }

  place(address: number): string {
    const offset = address - this.fn.start;
    return offset === 0 ? this.fn.name : `${this.fn.name}+0x${offset.toString(16)}`;
  }

  unjudged(reason: string): void {
    this.#reasons.add(reason);
  }

  compared(code: CodeSpace, address: number, row: Row, { wrong, open }: Comparison): void {
    for (const reason of open) this.unjudged(`${this.place(address)}: ${reason}`);
    for (const { column, declared, actual } of wrong)
      this.wrong(code, address, row, column, declared, actual);
  }

  wrong(code: CodeSpace, address: number, row: Row, column: string, declared: string, actual: string): void {
    const key = `${address} ${column}`;
    if (this.#mismatches.has(key)) return;
    const region = code.regionAt(address);
    const bytes = code.bytesAt(address, code.at(address)?.length ?? 1);
    const registers = [...row.registers].map(
      ([register, rule]) => `${registerName(register)}=${ruleText(rule)}`,
    );
    this.#mismatches.set(key, {
      address,
      place: this.place(address),
      offset: address - (region === undefined || region.section === 0 ? 0 : region.base),
      section: region?.name ?? '',
      bytes: Buffer.from(bytes).toString('hex'),
      column,
      row: [cfaText(row.cfa), ...registers].join(' '),
      declared,
      actual,
    });
  }

  verdict(table: 'eh_frame' | 'debug_frame'): FunctionVerdict {
    const { name, start, end, fdeOffset } = this.fn;
    const head = { name, table, fde: fdeOffset, start, size: end - start, instructions: this.instructions };
    if (this.#mismatches.size > 0) {
      const mismatches = [...this.#mismatches.values()].sort((a, b) => a.address - b.address);
      return { ...head, verdict: 'mismatch', mismatches };
    }
    if (this.#reasons.size === 0) return { ...head, verdict: 'consistent' };
    const reasons = [...this.#reasons];
    const more = reasons.length - REASONS_SHOWN;
    const shown = more > 0 ? [...reasons.slice(0, REASONS_SHOWN), `and ${more} more`] : reasons;
    return { ...head, verdict: 'unjudged', reasons: shown };
  }
}
