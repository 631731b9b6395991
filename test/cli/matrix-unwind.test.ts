// `matrix --unwind`: the rule unwind judges every cell, and what a finding says to run shows the same finding.
import { describe, expect, it } from 'vitest';
import { sigsweep } from './text.js';

const CELL = ['--design', 'pc-check-glibc', '--libc', 'glibc-2.41', '--vdso', '6.1-686/int80'];
const MATRIX = ['matrix', ...CELL, '--scenario', 'read-empty', '--jobs', '1'];

describe('matrix --unwind', () => {
  it('fails the cell whose description is wrong, with a token that replays to the same failure', async () => {
    const { code, out } = await sigsweep([...MATRIX, '--unwind']);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}pc-check-glibc read-empty unwind at \d+ points/m);
    expect(out).toMatch(/^ {4}npx sigsweep sweep .* --unwind$/m);
    const token = /replay (\S+)$/m.exec(out)?.[1] ?? '';
    expect(token).toContain('+read-empty:unwind+c');
    const again = await sigsweep(['replay', token]);
    expect(again.code).toBe(1);
    expect(again.out).toContain('by the description, in truth');
  });

  it('is not judged where it is not asked for', async () => {
    const { out } = await sigsweep(MATRIX);
    expect(out).toContain('1 clean, 0 violation');
  });

  it('refuses to be one with the other tables', async () => {
    const { code, err } = await sigsweep(['matrix', '--unwind', '--pairs', 'restart']);
    expect([code, err]).toEqual([64, expect.stringContaining('--unwind is for the plain table')]);
  });
});
