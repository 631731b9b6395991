// Set-up as its user runs it: nothing to do and nothing to ask for the second time, and one plain line with its command for
// each thing that a machine lacks.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { facts } from '../../scripts/facts.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'sigsweep-bootstrap-'));
// Somebody else has to find the commands in it.
chmodSync(scratch, 0o755);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A folder with nothing but these commands. */
function pathWith(name: string, commands: readonly string[]): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  for (const command of commands) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${command}`]);
    const found = stdout.toString().trim();
    if (found !== '') symlinkSync(found, join(folder, command));
  }
  return folder;
}

const TOOLS = ['gcc', 'as', 'ld', 'readelf', 'objdump', 'xz', 'zstd'];
const NOBODY = 65534;

function bootstrap(path: string, identity: { uid?: number; gid?: number } = {}) {
  const { SIGSWEEP_ALL: _, ...env } = process.env;
  const run = spawnSync(process.execPath, ['scripts/bootstrap.mjs'], {
    env: { ...env, PATH: path },
    ...identity,
  });
  return { code: run.status, out: run.stdout.toString(), err: run.stderr.toString() };
}

describe('set-up', () => {
  test('does and says nothing when everything is there, and needs neither npm nor apt for that', ({
    skip,
  }) => {
    const missing = facts().filter(({ state }) => state === 'missing');
    if (missing.length > 0) return skip(`not set up: ${missing.map(({ id }) => id).join(', ')}`);
    const kept = () =>
      ['fixtures/lock.json', 'fixtures/cache/status.json', 'dist/.sigsweep'].map((file) =>
        readFileSync(file, 'utf8'),
      );
    const before = kept();
    expect(bootstrap(pathWith('tools', TOOLS))).toEqual({ code: 0, out: '', err: '' });
    expect(kept()).toEqual(before);
  });

  test('says for each missing package the command that gets it, and ends with 3', () => {
    const { code, out, err } = bootstrap(pathWith('nothing', []));
    expect({ code, out }).toEqual({ code: 3, out: '' });
    const packages = ['binutils', 'gcc', 'xz-utils', 'zstd'];
    expect(err.split('\n')).toEqual([
      ...packages.map(
        (name) =>
          `sigsweep: missing ${name}: there is no apt-get here; run: sudo apt-get install -y --no-install-recommends ${name}`,
      ),
      '',
    ]);
  });

  test('asks a user who is not root, and may not become it, to do so', ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('only root can become somebody else');
    const identity = { uid: NOBODY, gid: NOBODY };
    const look = "require('node:fs').accessSync('package.json')";
    if (spawnSync(process.execPath, ['-e', look], identity).status !== 0)
      return skip('this folder is for root only');
    const { code, err } = bootstrap(
      pathWith('apt', ['apt-get', 'gcc', 'xz', 'zstd', 'as', 'ld', 'readelf']),
      identity,
    );
    expect(code).toBe(3);
    expect(err).toBe(
      'sigsweep: missing binutils: neither root nor password-free sudo; run: sudo apt-get install -y --no-install-recommends binutils\n',
    );
  });
});
