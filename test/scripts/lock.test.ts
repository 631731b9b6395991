import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatLock, parseLock, readLock, updateLock } from '../../scripts/lib/lock.mjs';
import { wanted } from '../../scripts/lib/wanted.mjs';

const entry = (id: string, name: string) => ({
  id,
  package: name,
  version: '1.2.3-1',
  architecture: 'i386',
  suite: 'bookworm',
  sha256: 'ab'.repeat(32),
  size: 598720,
  members: ['usr/lib/libc.a'],
});

const scratch = mkdtempSync(join(tmpdir(), 'sigsweep-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('the text is the same for the same entries in any order, and parses back', () => {
  const [a, b] = [entry('musl', 'musl-dev'), entry('glibc', 'libc6-dev')];
  expect(formatLock([a, b])).toBe(formatLock([b, a]));
  expect(parseLock(formatLock([a, b]))).toEqual([b, a]);
});

test.each([
  ['{', /is not JSON/],
  ['{"version": 2, "packages": []}', /not a version 1 lock file/],
  ['{"version": 1, "packages": [null]}', /package 0 \(no id\) is not an object/],
  [
    JSON.stringify({ version: 1, packages: [{ ...entry('musl', 'm'), version: '' }] }),
    /\(musl\) has no "version"/,
  ],
  [JSON.stringify({ version: 1, packages: [{ ...entry('musl', 'm'), sha256: '12' }] }), /not 64 hex digits/],
  [JSON.stringify({ version: 1, packages: [{ ...entry('musl', 'm'), members: 1 }] }), /has no "members"/],
])('a damaged lock file %s is refused with what is wrong and what to do', (text, message) => {
  expect(() => parseLock(text)).toThrow(message);
  expect(() => parseLock(text)).toThrow(/git checkout fixtures\/lock\.json/);
});

test('an update replaces the entries of its own fixture only, and a missing file is an empty lock', () => {
  const file = join(scratch, 'lock.json');
  expect(readLock(file)).toEqual([]);
  const first = updateLock(file, [], 'musl', [entry('musl', 'musl-dev')]);
  const second = updateLock(file, first, 'glibc', [entry('glibc', 'a'), entry('glibc', 'b')]);
  updateLock(file, second, 'glibc', [entry('glibc', 'c')]);
  expect(readLock(file).map((e) => e.package)).toEqual(['c', 'musl-dev']);
  expect(existsSync(file)).toBe(true);
});

test('the committed lock file names every default fixture, and no archive address', () => {
  const text = readFileSync('fixtures/lock.json', 'utf8');
  expect(text).not.toMatch(/:\/\//);
  const ids = new Set(parseLock(text).map((e) => e.id));
  for (const w of wanted.filter((x) => x.default)) expect(ids).toContain(w.id);
});

test('every locked package is one that the table of wanted fixtures would choose', () => {
  for (const e of readLock('fixtures/lock.json')) {
    const parts = wanted
      .filter((w) => w.id === e.id)
      .flatMap((w) => w.ways)
      .filter((way) => way.suite === e.suite && way.architecture === e.architecture)
      .flatMap((way) => way.parts);
    expect(
      parts.some((p) => p.name.test(e.package) && p.version.test(e.version)),
      `${e.id} ${e.package}`,
    ).toBe(true);
  }
});
