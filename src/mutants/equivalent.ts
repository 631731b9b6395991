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
  {
    subjects: /^(?:naive-vdso|unwind|vdso-helpers|sync-signal|fatal-like)$/,
    name: /^__cp_begin __cp_begin: label one instruction earlier$/,
    reason:
      'the range has the load of the word’s address too; to act there, before the look, is as right as behind it',
  },
  {
    subjects: /^sticky-flag$/,
    name: /^__cp_(?:begin|end|cancel) __cp_(?:begin|end|cancel): label one instruction (?:later|earlier)$/,
    reason: 'the design has no handler: nobody compares an address with the label, or jumps to it',
  },
  {
    subjects: /^(?:naive-vdso|unwind|vdso-helpers|sticky-flag|sticky-working|fatal-like)$/,
    name: /^__cp_begin\S* call \*%gs:16: int \$0x80$/,
    reason:
      'the slow way into the same kernel: the design keeps every rule with it, as musl’s own point does',
  },
  {
    subjects: /^(?:sticky-flag|sticky-working|sync-signal|fatal-like)$/,
    name: /^pthread_cancel\S* lock orl \$0,\(%esp\): deleted$/,
    reason: 'it orders stores between CPUs, and the threads of the model share one',
  },
  {
    subjects: /^(?:sticky-flag|sticky-working|sync-signal|fatal-like)$/,
    name: /^pthread_cancel\S* hlt: deleted$/,
    reason: 'the call before it does not return',
  },
  {
    subjects: /^(?:sticky-working|sync-signal|fatal-like)$/,
    name: /^pthread_cancel\S* (?:movl \$\w+,%e..|xorl %edx,%edx): swapped with (?:movl \$\w+,%e..|xorl %edx,%edx)$/,
    reason:
      'both write registers of which the other knows nothing, in the thread that asks, where no signal strikes',
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
