// Mistakes on the command line and files that are not what they should be: one line that says what, where and what to do,
// nothing on standard output, and the right exit code. `run` has its own (run.test.ts).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { IMAGE, sigsweep } from './text.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-bad-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function refuse(code: number, line: RegExp, ...argv: string[]): Promise<void> {
  const result = await sigsweep(argv);
  expect(result).toMatchObject({ code, out: '' });
  expect(result.err).toMatch(/^sigsweep: [^\n]+\n$/);
  expect(result.err).toMatch(line);
}

describe('the command line refuses', () => {
  it('an unknown command, with the one that may be meant', () =>
    refuse(64, /unknown command 'matrx'.*matrix/, 'matrx'));
  it('an unknown option of every command', async () => {
    for (const argv of [['matrix'], ['sweep', 'x'], ['replay', 'x'], ['vdso'], ['doctor']])
      await refuse(64, /unknown option '--nope'/, ...argv, '--nope');
  });
  it('an unknown way of exit codes', () =>
    refuse(64, /bisect, kselftest, glibc/, 'matrix', '--exit-style', 'x'));
  it('no command at all, with the help', async () => {
    const { code, out, err } = await sigsweep([]);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(/Usage: sigsweep/);
  });
});

describe('sigsweep matrix refuses', () => {
  it('an unknown design', () => refuse(64, /no design x .*matrix --list/, 'matrix', '--design', 'x'));
  it('an unknown scenario', () => refuse(64, /no scenario x .*--list/, 'matrix', '--scenario', 'x'));
  it('an unknown image', () => refuse(64, /no vDSO image x: sigsweep vdso/, 'matrix', '--vdso', 'x'));
  it('an unknown C library', () => refuse(64, /no C library x; there are .*musl/, 'matrix', '--libc', 'x'));
  it('designs that fit none of the libraries', () =>
    refuse(64, /no design fits/, 'matrix', '--design', 'naive-vdso', '--libc', 'glibc-2.36'));
  it('a number of workers that is none', async () => {
    for (const jobs of ['0', 'two', '-1', '1.5', '65'])
      await refuse(64, /--jobs takes a number from 1 to 64/, 'matrix', `--jobs=${jobs}`);
  });
});

describe('sigsweep sweep refuses', () => {
  it('no scenario', () => refuse(64, /missing required argument 'scenario'/, 'sweep'));
  it('an unknown scenario', () => refuse(64, /no scenario x: see sigsweep matrix --list/, 'sweep', 'x'));
  it('an unknown design', () => refuse(64, /no design x/, 'sweep', 'read-empty', '--design', 'x'));
  it('an unknown image', () =>
    refuse(64, /no vDSO image x; there are /, 'sweep', 'read-empty', '--vdso', 'x'));
  it('a design of another C library', () =>
    refuse(64, /design pc-check is not for glibc/, 'sweep', 'read-empty', '--libc', 'glibc-2.36'));
  it('a C library that set-up has not got', () =>
    refuse(3, /no program read-empty for musl-0.9: run node/, 'sweep', 'read-empty', '--libc', 'musl-0.9'));
});

describe('sigsweep replay refuses', () => {
  const token = (change: Partial<Record<'scenario' | 'design' | 'choices' | 'code', string>>) => {
    const parts = { scenario: 'read-empty', design: 'pc-check', choices: 'c3', code: '00000000', ...change };
    return `musl-1.2.3+${parts.design}+${IMAGE}+${parts.scenario}+${parts.choices}+${parts.code}`;
  };
  it('words that are no token', () => refuse(64, /not a token: x .expected LIBC\+/, 'replay', 'x'));
  it('a token that is cut off', () => refuse(64, /not a token/, 'replay', token({}).slice(0, -1)));
  it('choices that are none', () => refuse(64, /choices d3/, 'replay', token({ choices: 'd3' })));
  it('an unknown scenario', () => refuse(64, /no scenario x/, 'replay', token({ scenario: 'x' })));
  it('an unknown design', () => refuse(64, /no design x/, 'replay', token({ design: 'x' })));
  it('a token for other code, loudly', () =>
    refuse(
      3,
      /refused: the token is for code 00000000, but the code here is [0-9a-f]{8}/,
      'replay',
      token({}),
    ));
});

describe('sigsweep vdso refuses', () => {
  it('an unknown image', () => refuse(64, /no vDSO image x; there are /, 'vdso', 'show', 'x'));
  it('an unknown subcommand', () => refuse(64, /too many arguments|unknown command/, 'vdso', 'shwo'));
  it('a file that is not there', () =>
    refuse(3, /nowhere: there is no such file/, 'vdso', 'name', 'nowhere'));
  it('a directory', () => refuse(3, /is a directory/, 'vdso', 'name', folder));
  it('an empty file', () => refuse(3, /empty file/, 'vdso', 'name', file('empty', '')));
  it('text', () =>
    refuse(3, /not a Linux\/x86 bzImage/, 'vdso', 'name', file('text', 'text\n'.repeat(1000))));
  it('a 64-bit program without a vDSO in it', () =>
    refuse(
      3,
      /holds no 32-bit vDSO/,
      'vdso',
      'name',
      file('elf64', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1)),
    ));
  it('a truncated 32-bit file', () =>
    refuse(
      3,
      /truncated|too short|bytes/,
      'vdso',
      'name',
      file('elf32', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1)),
    ));
  it('a static program', () =>
    refuse(
      3,
      /holds no 32-bit vDSO/,
      'vdso',
      'name',
      'fixtures/cache/programs/musl-1.2.3/cancel/read-empty',
    ));
  it('an unknown fixture to fetch, before anything is downloaded', () =>
    refuse(3, /no fixture x; there are /, 'vdso', 'fetch', 'x'));
});
