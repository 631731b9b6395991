// The matchers of sigsweep/vitest on cells and on answers of checks.
import { describe, expect, it } from 'vitest';
import '../../src/vitest.js';
import { check } from '../../src/check/api.js';
import { runCell } from '../../src/suite/cell.js';
import { point } from './assembly.js';

const cell = (design: string) =>
  runCell({ libc: 'musl-1.2.3', design, vdso: '6.1-686/sysenter', scenario: 'read-empty' });
const late = {
  input: { kind: 'asm', path: 'late.S', text: point('\tnop'), replaces: '__syscall_cp_asm' },
  scenarios: ['read-data'],
} as const;

describe('matchers', () => {
  it('take cells', async () => {
    await expect(cell('pc-check')).toBeClean();
    await expect(cell('naive-vdso')).toViolate('no-lost-cancel', { at: '__kernel_vsyscall' });
    await expect(cell('naive-vdso')).not.toBeClean();
    await expect(cell('naive-vdso')).not.toViolate('no-lost-effect');
    await expect(expect(cell('naive-vdso')).toBeClean()).rejects.toThrow(
      /no-lost-cancel at __kernel_vsyscall/,
    );
  });

  it('take promises of answers', async () => {
    await expect(check(late)).toViolate('no-lost-effect', { at: '__cp_begin' });
    await expect(check({ ...late, input: { ...late.input, text: point() } })).toBeClean();
    const bad = check({ ...late, input: { ...late.input, replaces: 'nothing' } });
    await expect(bad).not.toBeClean();
  });
});
