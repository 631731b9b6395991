// The rule `unwind` over sweeps: mistakes rebuilt in the vDSO's own descriptions are found at exactly their instructions, right
// descriptions are clean, and shipped code has the mistake that the static check sees.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { Session } from '../../src/explore/session.js';
import { sweep } from '../../src/explore/sweep.js';
import { judge } from '../../src/rules/judge.js';
import { sweepSubject } from '../../src/suite/cell.js';
import { type CellId, verdictOf } from '../../src/suite/types.js';
import type { UnwindReport, UnwindVerdict } from '../../src/suite/unwinding.js';
import { buildImage } from '../../src/vdso/reconstruct.js';
import { IMAGE, subjectFor } from '../suite/cells.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-unwind-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OLD: CellId = {
  libc: 'glibc-2.36',
  design: 'async-window',
  vdso: IMAGE,
  scenario: 'read-data',
  unwind: true,
};
const NEW: CellId = { ...OLD, libc: 'glibc-2.41', design: 'pc-check-glibc', scenario: 'read-empty' };

/** The entry of 4.4 for sysenter, with the first of one text in another's place. */
function swept(context: TestContext, from: string, to: string): UnwindReport {
  const subject = subjectFor(OLD, context);
  const read = (name: string) => readFileSync(`asm/vdso/${name}`, 'utf8');
  const text = read('unified-4.4.S').replace('.include "sigreturn.inc"', read('sigreturn.inc'));
  expect(text).toContain(from);
  const built = buildImage({
    source: { name: 'unified-4.4.S', text: text.replaceAll(from, to) },
    asFlags: ['--defsym', 'CPU=1'],
    id: 'changed',
    flavour: 'i386',
    cacheDir: folder,
  });
  if (!built.ok) throw new Error(built.error.message);
  const { unwinding } = sweepSubject({ ...subject, vdso: built.image }, OLD);
  if (unwinding === undefined) throw new Error('the rule is off');
  return unwinding;
}

/** 'place column' of what is wrong. */
function wrongPlaces(report: UnwindReport): string[] {
  return report.instructions.flatMap(({ place, verdict }) =>
    verdict.kind === 'wrong' ? [`${place.name} ${verdict.column}`] : [],
  );
}

function kinds(verdicts: readonly UnwindVerdict[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of verdicts) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

describe('descriptions of the entry', () => {
  it('that are right are clean, at every instruction and from every handler', (context) => {
    const report = swept(context, 'save ebp', 'save ebp');
    expect(wrongPlaces(report)).toEqual([]);
    expect(Object.keys(kinds(report.instructions.map(({ verdict }) => verdict)))).toEqual(['right']);
    expect(kinds(report.fromHandlers.map(({ readers }) => readers.standard))).toEqual({
      right: report.fromHandlers.length,
    });
    expect(report.instructions.length).toBeGreaterThan(100);
  });

  it.for([
    // EBP is the caller's until `mov %esp, %ebp` and again from the landing pad on.
    ['save ebp', 'pushl %ebp\n.cfi_adjust_cfa_offset 4', ['+5 ebp']],
    ['save ebp', 'pushl %ebp\n.cfi_adjust_cfa_offset 4\n.cfi_rel_offset edx, 0', ['+5 ebp']],
    [
      'reload ebp',
      'popl %ebp\n.cfi_def_cfa_offset 0x12\n.cfi_restore ebp',
      ['+10 CFA', '+11 CFA', '+12 CFA'],
    ],
    ['reload edx', 'popl %edx\n.cfi_def_cfa_offset -4\n.cfi_restore edx', ['+11 CFA', '+12 CFA']],
  ] as const)('with %j written as %j are wrong exactly there', ([from, to, places], context) => {
    const report = swept(context, from, to);
    expect(wrongPlaces(report)).toEqual(places.map((place) => `__kernel_vsyscall${place}`));
  });

  it('of trampolines without the mark are wrong there, but libgcc knows the code', (context) => {
    const report = swept(context, '.cfi_signal_frame', '');
    // Handlers that are left by acting on the cancellation never come there: it is seen as their caller.
    expect(wrongPlaces(report)).toEqual(['__kernel_rt_sigreturn signal frame']);
    const { fromHandlers } = report;
    expect(kinds(fromHandlers.map(({ readers }) => readers.standard))).toEqual({
      wrong: fromHandlers.length,
    });
    expect(kinds(fromHandlers.map(({ readers }) => readers.libgcc))).toEqual({ right: fromHandlers.length });
  });
});

describe('shipped code', () => {
  it('glibc 2.41: the cancel path of its cancellation point is described as if all had been popped', (context) => {
    const cell = sweepSubject(subjectFor(NEW, context), NEW);
    const report = cell.unwinding;
    if (report === undefined) throw new Error('the rule is off');
    expect(wrongPlaces(report)).toEqual(['__syscall_cancel_arch+48 CFA']);
    const [found] = report.instructions.filter(({ verdict }) => verdict.kind === 'wrong');
    expect(found).toMatchObject({ row: 'esp+4 ra=c-4', trueCfa: 20 });
    expect(verdictOf(cell)).toBe('violation');
    const rules = cell.points.flatMap(({ verdict }) =>
      verdict.kind === 'violation' ? verdict.violations.map(({ rule }) => rule) : [],
    );
    expect(new Set(rules)).toEqual(new Set(['unwind']));
  });

  it('kernel 7.0: descriptions of trampolines begin where they do, not a byte before, which only libgcc survives', (context) => {
    const id = { ...OLD, vdso: '7.0-amd64/syscall' };
    const report = sweepSubject(subjectFor(id, context), id).unwinding;
    if (report === undefined) throw new Error('the rule is off');
    expect(wrongPlaces(report)).toEqual(['__kernel_rt_sigreturn begin']);
    const { fromHandlers } = report;
    expect(kinds(fromHandlers.map(({ readers }) => readers.standard))).toEqual({
      wrong: fromHandlers.length,
    });
    expect(kinds(fromHandlers.map(({ readers }) => readers['libunwind-19']))).toEqual({
      wrong: fromHandlers.length,
    });
    expect(kinds(fromHandlers.map(({ readers }) => readers.libgcc))).toEqual({ right: fromHandlers.length });
  });

  it('LLVM’s libunwind reads the row before, wherever one begins at the interrupted instruction', (context) => {
    const { unwinding } = sweepSubject(subjectFor(OLD, context), OLD);
    const at = (name: string) => unwinding?.fromHandlers.find(({ place }) => place.name === name)?.readers;
    expect(at('__kernel_vsyscall+1')).toMatchObject({
      standard: { kind: 'right' },
      libgcc: { kind: 'right' },
      'libunwind-18': { kind: 'wrong', column: 'CFA', depth: 1 },
      'libunwind-19': { kind: 'wrong', column: 'CFA', depth: 1 },
    });
    // At a function's first instruction the older one looks into the function before.
    expect(at('__kernel_vsyscall')?.['libunwind-18'].kind).not.toBe('right');
    expect(at('__kernel_vsyscall')?.['libunwind-19'].kind).toBe('right');
  });

  it('is not unwound where nobody asks for it', (context) => {
    const { unwind, ...id } = NEW;
    expect(unwind).toBe(true);
    const cell = sweepSubject(subjectFor(id, context), id);
    expect(cell.unwinding).toBeUndefined();
    expect(verdictOf(cell)).toBe('clean');
  });
});

describe('merging equal states', () => {
  it('changes neither verdicts nor what is said of any instruction', (context) => {
    const subject = subjectFor({ ...OLD, libc: 'musl-1.2.3', design: 'naive-vdso' }, context);
    const [all, merged] = [false, true].map((merge) => {
      const opened = Session.open(subject, true);
      if (!opened.ok) throw new Error(opened.reason);
      const swept = sweep(opened.session, judge, merge);
      const seen = [...(opened.session.unwinding?.watch.seen ?? [])];
      opened.session.close();
      return {
        merged: swept.merged,
        verdicts: swept.results.map(({ result }) => result),
        seen: seen.map(([address, { row, trueCfa, worst }]) => ({ address, row, trueCfa, worst })),
      };
    });
    expect(merged?.merged).toBeGreaterThan(0);
    expect({ ...merged, merged: 0 }).toEqual({ ...all, merged: 0 });
  });
});
