// The smaller pieces of set-up: build words, apt's records, facts, the CI's last line, this machine's own vDSO.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { embeddedImages } from '../../scripts/carve.mjs';
import { countTests, summaryLine } from '../../scripts/ci-summary.mjs';
import { facts } from '../../scripts/facts.mjs';
import { parseRecords, parseSourceRecords } from '../../scripts/lib/apt.mjs';
import { installedAsLocked } from '../../scripts/lib/modules.mjs';
import { wanted } from '../../scripts/lib/wanted.mjs';
import { ownVdso, printerExecutable } from '../../scripts/own-vdso.mjs';
import { buildWords } from '../../scripts/programs.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'sigsweep-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('build words of a source; an unknown one is refused by name', () => {
  expect(buildWords('/* build: static-pie libc=musl */\nint x;')).toEqual({ pie: true, libc: 'musl' });
  expect(buildWords('// build: libc=glibc\n')).toEqual({ pie: false, libc: 'glibc' });
  expect(buildWords('/* we build: houses */ int x;')).toEqual({ pie: false, libc: undefined });
  expect(() => buildWords('/* build: shared */')).toThrow(/build: shared is not known/);
});

test("apt's records: one candidate each, without the ones that have no checksum", () => {
  const sum = 'a'.repeat(64);
  const text = `Package: p\nVersion: 1-1\nArchitecture: i386\nSize: 12\nSHA256: ${sum}\n\nPackage: q\nVersion: 2\n\n`;
  expect(parseRecords(text)).toEqual([
    { package: 'p', version: '1-1', architecture: 'i386', size: 12, sha256: sum },
  ]);
});

test("apt's records of source packages: the upstream tarball, not the signature or the packaging", () => {
  const [tarball, other] = ['a'.repeat(64), 'b'.repeat(64)];
  const text = [
    'Package: m',
    'Version: 1.2-3',
    'Checksums-Sha256:',
    ` ${other} 9 m_1.2-3.dsc`,
    ` ${tarball} 12 m_1.2.orig.tar.gz`,
    ` ${other} 4 m_1.2.orig.tar.gz.asc`,
    ` ${other} 5 m_1.2-3.debian.tar.xz`,
    'Directory: pool',
    '',
    'Package: native',
    'Version: 1',
    'Checksums-Sha256:',
    ` ${other} 12 native_1.tar.gz`,
    '',
  ].join('\n');
  expect(parseSourceRecords(text)).toEqual([
    { package: 'm', version: '1.2-3', architecture: 'source', size: 12, sha256: tarball },
  ]);
});

test('names of kernel packages: the series asked for, not its neighbours, debug or unsigned ones', () => {
  const matches = (id: string, name: string) =>
    wanted.find((w) => w.id === id)?.ways[0]?.parts[0]?.name.test(name) ?? 'no such fixture';
  expect(matches('7.0-amd64', 'linux-binary-7.0.13+deb13-amd64')).toBe(true);
  expect(matches('7.0-amd64', 'linux-binary-7.0.13+deb13-cloud-amd64')).toBe(false);
  expect(matches('7.0-amd64', 'linux-binary-unsigned-7.0.13+deb13-amd64')).toBe(false);
  expect(matches('6.1-686', 'linux-image-6.1.0-50-686')).toBe(true);
  expect(matches('6.1-686', 'linux-image-6.1.0-50-686-pae')).toBe(false);
  expect(matches('6.1-686', 'linux-image-6.12.0-50-686')).toBe(false);
  expect(matches('6.5-686', 'linux-image-6.5.0-0.deb12.4-686')).toBe(true);
  expect(matches('5.10-cloud-amd64', 'linux-image-5.10.0-32-cloud-amd64')).toBe(true);
  expect(matches('5.10-686-pae', 'linux-image-5.10.0-32-686')).toBe(false);
  expect(matches('6.12-cloud-amd64', 'linux-image-6.12.90+deb12.1-cloud-amd64')).toBe(true);
  expect(matches('6.12-cloud-amd64', 'linux-image-6.12.90+deb13-cloud-amd64-dbg')).toBe(false);
});

test('facts: each has a state, and what is not ok says why or how to get it', () => {
  const all = facts();
  expect(all.map((f) => f.id)).toEqual(
    expect.arrayContaining(['node', 'unicorn', 'fixture:musl-1.2.3', 'programs', 'build']),
  );
  for (const f of all) {
    expect(f.detail, f.id).not.toBe('');
    expect(f.state === 'missing' ? f.fix : 'nothing to do', f.id).not.toBe('');
  }
});

test('installed npm packages: same versions, optional ones may be absent', () => {
  mkdirSync(join(scratch, 'node_modules'));
  const write = (name: string, packages: object) =>
    writeFileSync(join(scratch, name), JSON.stringify({ packages }));
  write('package-lock.json', {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  });
  expect(installedAsLocked(scratch)).toBe(false);
  write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } });
  expect(installedAsLocked(scratch)).toBe(true);
  write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.1' } });
  expect(installedAsLocked(scratch)).toBe(false);
});

test("the CI's last line counts tests, and a file that could not be loaded as one failure", () => {
  const report = {
    numPassedTests: 5,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 0,
    testResults: [
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ],
  };
  expect(summaryLine(countTests(JSON.stringify(report)))).toBe('5 passed, 2 failed, 2 skipped');
  expect(summaryLine(countTests(''))).toBe('0 passed, 1 failed');
  expect(summaryLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
});

test('the printer is a well-formed executable, and what it prints here is a 32-bit vDSO', ({ skip }) => {
  const bytes = printerExecutable();
  expect(Buffer.from(bytes.subarray(0, 4)).toString('latin1')).toBe('\x7fELF');
  const own = ownVdso();
  if (!own.ok) return skip(own.reason);
  const [found] = embeddedImages(own.image);
  expect(found?.bytes.length).toBe(own.image.length);
});
