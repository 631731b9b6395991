// A comparison that finds nothing proves nothing unless it finds what is wrong: each of these models is broken in one
// place, and each must be told from the running kernel.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { describeMachine } from '../../src/native/conform.js';
import { conform, hostImage, type ProgramName, whyNot } from '../conformance/setup.js';
import { MUTANTS } from './table.js';

const vdso = hostImage();
const machine = vdso === undefined ? undefined : describeMachine(vdso);
const reason = whyNot() ?? (machine?.ok === false ? machine.reason : null);

afterEach(() => {
  vi.resetModules();
});

async function differencesOf(name: ProgramName, only: string, stride = 40): Promise<number> {
  const { conformProgram } = await import('../../src/native/conform.js');
  const report = conform(conformProgram, name, stride, only);
  expect(report.failed).toBeNull();
  return report.cases.reduce((sum, { differences }) => sum + differences.length, 0);
}

describe.skipIf(reason !== null)(`mutants${reason === null ? '' : `: skipped, ${reason}`}`, () => {
  test('there are at least ten', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(10);
  });

  test.each(MUTANTS)('$what is caught', async ({ module, program, only, stride, breakIt }) => {
    vi.resetModules();
    vi.doMock(module, async (original) => breakIt(await original()));
    try {
      expect(await differencesOf(program, only, stride)).toBeGreaterThan(0);
    } finally {
      vi.doUnmock(module);
    }
  });

  test.each([...new Map(MUTANTS.map((one) => [`${one.program} ${one.only}`, one])).values()])(
    'the model as it is has no difference in $program $only',
    async ({ program, only, stride }) => {
      vi.resetModules();
      expect(await differencesOf(program, only, stride)).toBe(0);
    },
  );
});
