// The baselines that come with sigsweep are what a check of the shipped libraries finds; one scenario of each is held here,
// all of them with SIGSWEEP_ALL=1.
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wanted } from '../../scripts/lib/wanted.mjs';
import { allLibcs } from '../../src/suite/catalog.js';
import { sigsweep } from '../cli/text.js';

const all = process.env['SIGSWEEP_ALL'] === '1';
const LIBCS = readdirSync('baselines').map((name) => name.replace(/\.json$/, ''));

describe('a shipped baseline', () => {
  it('is there for every C library that set-up gets', () => {
    const libcs = wanted.filter((one) => one.kind === 'libc' && one.default).map(({ id }) => id);
    expect(LIBCS).toEqual([...libcs].sort());
  });

  it.each(LIBCS.map((libc) => [libc]))('of %s holds', async (libc) => {
    expect(allLibcs()).toContain(libc);
    const narrowed = all ? [] : ['--scenario', 'read-data'];
    const { code, out } = await sigsweep([
      'check',
      '--libc',
      libc,
      '--baseline',
      libc,
      '--jobs',
      '1',
      ...narrowed,
    ]);
    expect([code, out]).toEqual([0, expect.stringContaining(' 0 new, 0 fixed')]);
  });
});
