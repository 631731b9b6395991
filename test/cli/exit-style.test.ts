// Exit codes: sigsweep's own, and in the words of the tools that run it.
import { describe, expect, it } from 'vitest';
import { EXIT_STYLES, exitCodeIn } from '../../src/cli/exit-style.js';
import { EXIT } from '../../src/cli/io.js';
import { IMAGE, MATRIX, sigsweep } from './text.js';

const CLEAN = ['sweep', 'read-empty', '--vdso', IMAGE];
const BROKEN_RULE = [...CLEAN, '--design', 'naive-vdso'];

const CLEAN_MATRIX = MATRIX.filter((word) => word !== 'naive-vdso');

const codeOf = async (...argv: string[]) => (await sigsweep(argv)).code;

describe('exit codes', () => {
  it('tell a clean sweep, a violation, a broken tool and a mistake apart', async () => {
    expect(await codeOf(...CLEAN)).toBe(0);
    expect(await codeOf(...BROKEN_RULE)).toBe(1);
    expect(await codeOf('sweep', 'read-empty', '--libc', 'musl-0.9')).toBe(3);
    expect(await codeOf('sweep', 'nothing')).toBe(64);
  });

  it('are 0 for a matrix that found something, and 1 with --fail-on-violation', async () => {
    expect(await codeOf(...MATRIX)).toBe(0);
    expect(await codeOf(...MATRIX, '--fail-on-violation')).toBe(1);
    expect(await codeOf(...CLEAN_MATRIX, '--fail-on-violation')).toBe(0);
  });

  it('stop a bisection when sigsweep itself cannot work, and skip what cannot be judged', async () => {
    expect(Object.values(EXIT).map((code) => exitCodeIn('bisect', code))).toEqual([0, 1, 125, 131, 192]);
    expect(await codeOf(...BROKEN_RULE, '--exit-style', 'bisect')).toBe(1);
    expect(await codeOf('sweep', 'nothing', '--exit-style=bisect')).toBe(192);
    expect(await codeOf('sweep', 'read-empty', '--nope', '--exit-style=bisect')).toBe(192);
  });

  it('are fail or skip for kselftest and glibc', () => {
    expect(Object.values(EXIT).map((code) => exitCodeIn('kselftest', code))).toEqual([0, 1, 4, 1, 1]);
    expect(Object.values(EXIT).map((code) => exitCodeIn('glibc', code))).toEqual([0, 1, 77, 1, 1]);
  });

  it('never call anything but a clean run a pass', () => {
    for (const style of EXIT_STYLES)
      for (const code of Object.values(EXIT)) expect(exitCodeIn(style, code) === 0).toBe(code === EXIT.clean);
  });

  it('are 0 for help and version', async () => {
    for (const argv of [['--version'], ['-h'], ['matrix', '-h'], ['sweep', '--help'], ['vdso', 'name', '-h']])
      expect(await codeOf(...argv)).toBe(0);
  });
});
