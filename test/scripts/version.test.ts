import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions } from '../../scripts/lib/version.mjs';

test.each([
  ['6.19.9-1', '6.19.10-1'],
  ['1.0~rc1-1', '1.0-1'],
  ['2.36-9+deb12u9', '2.36-9+deb12u14'],
  ['7.0.13-1~bpo13+1', '7.0.13-1'],
  ['9.9-9', '1:0.1-1'],
  ['1.2.3', '1.2.3-1'],
  ['1.0a', '1.0+'],
])('%s is older than %s', (older, newer) => {
  expect(compareVersions(older, newer)).toBe(-1);
  expect(compareVersions(newer, older)).toBe(1);
  expect(compareVersions(newer, newer)).toBe(0);
});

const dpkg = (a: string, op: string, b: string) =>
  spawnSync('dpkg', ['--compare-versions', a, op, b]).status === 0;

test.skipIf(spawnSync('dpkg', ['--version']).status !== 0)('agrees with dpkg on random versions', () => {
  const text = fc.stringMatching(/^[0-9][0-9a-b.+~]{0,5}(-[0-9a-b+~]{1,3})?$/);
  fc.assert(
    fc.property(text, text, (a, b) => {
      const expected = dpkg(a, 'lt', b) ? -1 : dpkg(a, 'gt', b) ? 1 : 0;
      expect(compareVersions(a, b)).toBe(expected);
    }),
    { numRuns: 150, seed: 7 },
  );
});
