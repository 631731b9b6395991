import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  machineSources,
  mainArchive,
  parseDeb822,
  parseOneLine,
  sourceFor,
} from '../../scripts/lib/sources.mjs';

const deb822 = `# the archive
Types: deb deb-src
# a snapshot: http://elsewhere.example/20250520
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://archive.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
`;

const scratch = mkdtempSync(join(tmpdir(), 'sigsweep-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('deb822: comments, disabled paragraphs and source-only paragraphs are left out', () => {
  const found = parseDeb822(deb822, 'debian.sources');
  expect(found.map((s) => s.uris)).toEqual([
    ['http://archive.example/debian'],
    ['http://archive.example/debian-security'],
  ]);
  expect(found[0]?.suites).toEqual(['bookworm', 'bookworm-updates']);
});

test('one-line format: options, comments and other types', () => {
  const found = parseOneLine(
    '# deb http://no.example/debian sid main\ndeb [arch=amd64 signed-by=/k.gpg] http://archive.example/debian trixie main non-free # c\ndeb-src http://x.example/debian trixie main\n',
    'sources.list',
  );
  expect(found).toEqual([
    {
      uris: ['http://archive.example/debian'],
      suites: ['trixie'],
      components: ['main', 'non-free'],
      options: { arch: 'amd64', 'signed-by': '/k.gpg' },
      file: 'sources.list',
    },
  ]);
});

test('the derived source is the same archive with another suite, the key kept, the architecture asked for', () => {
  const source = mainArchive(parseDeb822(deb822, '/etc/apt/sources.list.d/debian.sources'));
  if (!source) throw new Error('no main archive found');
  expect(sourceFor(source, 'trixie-backports', 'i386')).toBe(
    `Types: deb
URIs: http://archive.example/debian
Suites: trixie-backports
Components: main
Architectures: i386
signed-by: /usr/share/keyrings/debian-archive-keyring.gpg
`,
  );
});

test('sources of a suite are asked for without an architecture', () => {
  const [source] = parseDeb822(deb822, 'debian.sources');
  if (!source) throw new Error('no source');
  const text = sourceFor(source, 'trixie', 'source');
  expect(text).toMatch(/^Types: deb-src\nURIs: http:\/\/archive\.example\/debian\nSuites: trixie\n/);
  expect(text).not.toContain('Architectures');
});

test('a key block given inline keeps its lines', () => {
  const [source] = parseDeb822(
    'Types: deb\nURIs: http://a.example/debian\nSuites: sid\nComponents: main\nSigned-By:\n -----BEGIN\n .\n abc\n',
    'debian.sources',
  );
  if (!source) throw new Error('not parsed');
  expect(sourceFor(source, 'bookworm', 'i386')).toContain('signed-by: \n -----BEGIN\n .\n abc');
});

test("a third party that uses Debian's suite names is not taken for Debian's archive", () => {
  const third = parseOneLine(
    'deb http://third.example/apt bookworm main\n',
    '/etc/apt/sources.list.d/a-third.list',
  );
  const other = parseOneLine('deb http://docker.example/linux/debian bookworm stable\n', 'docker.list');
  const debian = parseDeb822(deb822, '/etc/apt/sources.list.d/debian.sources');
  expect(mainArchive([...third, ...other, ...debian])?.uris).toEqual(['http://archive.example/debian']);
  expect(mainArchive(other)).toBeUndefined();
});

test('only .list and .sources files are read, as apt does', () => {
  const parts = join(scratch, 'sources.list.d');
  mkdirSync(parts);
  writeFileSync(join(parts, 'debian.sources'), deb822);
  writeFileSync(join(parts, 'x.list.disabled'), 'deb http://disabled.example/debian sid main\n');
  writeFileSync(join(scratch, 'sources.list'), 'deb http://old.example/debian bookworm main\n');
  const uris = machineSources(scratch).flatMap((s) => s.uris);
  expect(uris).toEqual([
    'http://old.example/debian',
    'http://archive.example/debian',
    'http://archive.example/debian-security',
  ]);
});
