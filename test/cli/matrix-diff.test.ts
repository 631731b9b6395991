// `sigsweep matrix --diff`: what it prints is on its page (docs.test.ts); here its answers to wrong names, exit codes and JSON.
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { allLibcs } from '../../src/suite/catalog.js';
import { sigsweep } from './text.js';

const diff = (...args: string[]) =>
  sigsweep(['matrix', '--scenario', 'read-data', '--jobs', '1', '--diff', ...args]);

const Side = v.looseObject({
  verdict: v.picklist(['clean', 'violation', 'inconclusive', 'incomplete', 'skipped']),
  executed: v.number(),
  findings: v.array(v.strictObject({ rule: v.string(), points: v.number(), first: v.string() })),
});
const Document = v.strictObject({
  schema: v.literal(1),
  from: v.string(),
  to: v.string(),
  cells: v.array(
    v.strictObject({
      change: v.picklist(['verdict', 'findings', 'points', 'nothing', 'code']),
      before: Side,
      after: Side,
    }),
  ),
});

describe('sigsweep matrix --diff', () => {
  it.each([
    [['musl-1.2.3'], '--diff takes two names, not 1'],
    [['musl-1.2.3', 'musl-1.2.3', 'musl-1.2.3'], '--diff takes two names, not 3'],
    [['musl-1.2.3', 'musl-9'], 'no C library and no vDSO image is called musl-9'],
    [['6.1-686/int80', '6.1-686/sysenter'], 'have nothing in common'],
  ])('refuses %j with one line', async (names, message) => {
    const { code, out, err } = await diff(...names);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  const both = ['musl-1.2.3', 'glibc-2.36', 'glibc-2.41'].every((libc) => allLibcs().includes(libc));

  it.skipIf(!both)('is a survey: 0, or 1 when asked to fail and a cell has become red', async () => {
    expect((await diff('musl-1.2.3', 'glibc-2.36')).code).toBe(0);
    expect((await diff('musl-1.2.3', 'glibc-2.36', '--fail-on-violation')).code).toBe(1);
    expect((await diff('glibc-2.36', 'glibc-2.41', '--fail-on-violation')).code).toBe(0);
  });

  it.skipIf(!both)('prints one document for machines, the same one every time', async () => {
    const [first, second] = [
      await diff('glibc-2.36', 'glibc-2.41', '--json'),
      await diff('glibc-2.36', 'glibc-2.41', '--json'),
    ];
    expect(second.out).toBe(first.out);
    const { from, to, cells } = v.parse(Document, JSON.parse(first.out));
    expect([from, to]).toEqual(['glibc-2.36', 'glibc-2.41']);
    expect(cells).toMatchObject([
      { change: 'verdict', before: { verdict: 'violation' }, after: { verdict: 'clean', findings: [] } },
    ]);
  });
});
