// `sigsweep conform`: what it says, and with which code it ends.
import { describe, expect, test } from 'vitest';
import { probeMachine } from '../../src/native/probe.js';
import { whyNot } from '../conformance/setup.js';
import { cli } from './io.js';

const reason = whyNot() ?? (probeMachine().ok ? null : 'no 32-bit programs or no ptrace here');

describe('conform', () => {
  test('refuses a stride of 0', async () => {
    const { code, err } = await cli('conform', '--stride', '0');
    expect([code, err]).toEqual([64, 'sigsweep: --stride 0: it must be a whole number from 1 on\n']);
  });

  test.skipIf(reason !== null)('names the programs there are where one is mistyped', async () => {
    const { code, err } = await cli('conform', 'stak');
    expect(code).toBe(64);
    expect(err).toContain('there is no program stak; there are children, clone, edit, entry');
  });

  test.skipIf(reason !== null)('says what it compared, and ends with 0 where nothing differs', async () => {
    const { code, out } = await cli('conform', 'stack', '--case', 'edge', '--stride', '20');
    expect(out).toMatch(/^this machine: Linux \d+\.\d+.*, vDSO \S+, .*\n/);
    expect(out).toMatch(/^stack edge: equal; \d+ points, \d+ instructions, \d+ frames, \d+ sigreturns$/m);
    expect(out).toMatch(/^compared \d+ points, .*: no difference$/m);
    expect(code).toBe(0);
  });

  test.skipIf(reason !== null)('gives the same as a document', async () => {
    const { code, out } = await cli('conform', 'stack', '--case', 'edge', '--stride', '40', '--json');
    const report: unknown = JSON.parse(out);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      machine: { kernel: expect.any(String), cpu: expect.any(String), vdso: expect.any(String) },
      programs: [
        { name: 'stack', failed: null, cases: [{ args: ['edge'], differences: [], incomplete: null }] },
      ],
      totals: { differences: 0, incomplete: 0 },
    });
  });

  test.skipIf(reason !== null)('ends with 2 where no case was run', async () => {
    const { code } = await cli('conform', 'stack', '--case', 'no such case');
    expect(code).toBe(2);
  });
});
