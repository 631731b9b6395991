// Mutants that no run can tell from the original, each looked at by a person. A row names them by their subject and by what
// their name matches; the report has the reason beside every one of them.
import type { MutantResult } from './types.js';

interface Row {
  readonly subjects: RegExp;
  readonly name: RegExp;
  readonly reason: string;
}

/** Points with musl's check: pc-check's own, and those that musl_point or its pieces write. */
const CHECKED = /^(?:pc-check|naive-vdso|unwind|vdso-helpers|sync-signal|fatal-like)$/;

const ROWS: readonly Row[] = [
  {
    subjects: /^(?!vDSO)/,
    name: /^__cp_begin\S* movl \S+\(%esp\), ?%e[a-z]{2}: swapped with movl \S+\(%esp\), ?%e[a-z]{2}$/,
    reason:
      'two loads from the stack into different registers, none of which the other reads; no handler looks at them between',
  },
  {
    subjects: CHECKED,
    name: /^__cp_begin\S* jne __cp_cancel: swapped with movl \S+\(%esp\), ?%eax$/,
    reason: 'the load changes no flag, and at the cancel label nobody reads eax',
  },
  {
    subjects: CHECKED,
    name: /^__cp_begin __cp_begin: label one instruction later$/,
    reason:
      'a signal before the look at the word is outside of the range then, and the look finds the word set',
  },
];

/** Why nothing can kill it; null when that is not known. */
export function equivalence({
  subject,
  name,
  same,
}: Pick<MutantResult, 'subject' | 'name' | 'same'>): string | null {
  if (same) return 'it is built into the same bytes';
  return ROWS.find((row) => row.subjects.test(subject) && row.name.test(name))?.reason ?? null;
}
