// examples/consumer in an empty folder, with the packed tarball and nothing else of this repository: the packages that it
// declares are there, and what set-up has fetched. With SIGSWEEP_ALL=1 npm installs them, from its cache.
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch } from './assembly.js';

const folder = scratch();
afterAll(folder.remove);

const at = (...parts: string[]) => join(folder.path, ...parts);
const PACKAGE = at('node_modules', 'sigsweep');
const run = (command: string, args: readonly string[]) => {
  // Set-up would get every fixture with this variable.
  const { SIGSWEEP_ALL: _, ...env } = process.env;
  const options = { cwd: folder.path, reject: false, env, extendEnv: false };
  const { stdout, stderr, exitCode } = execaSync(command, args, options);
  return { out: stdout, err: stderr, code: exitCode };
};
const sigsweep = (...args: string[]) => run(process.execPath, [join(PACKAGE, 'dist/cli/main.js'), ...args]);

function installByHand(tarball: string): void {
  mkdirSync(PACKAGE, { recursive: true });
  execaSync('tar', ['-xzf', tarball, '-C', PACKAGE, '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), 'vitest']) {
    mkdirSync(dirname(at('node_modules', name)), { recursive: true });
    symlinkSync(resolve('node_modules', name), at('node_modules', name));
  }
}

beforeAll(() => {
  const packed = execaSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder.path]);
  const tarball = at(packed.stdout.trim().split('\n').at(-1) ?? '');
  cpSync('examples/consumer', folder.path, { recursive: true });
  if (process.env['SIGSWEEP_ALL'] === '1') {
    const wanted = readFileSync(at('package.json'), 'utf8').replace(/file:[^"]*/, `file:${tarball}`);
    writeFileSync(at('package.json'), wanted);
    execaSync('npm', ['install', '--offline', '--no-audit', '--no-fund'], { cwd: folder.path });
  } else installByHand(tarball);
});

describe('the package in an empty folder', () => {
  it('says how to set it up, and sets itself up without a lock file and a compiler', () => {
    const { code, err } = sigsweep('check', '--asm', 'point.S', '--replaces', '__syscall_cp_asm');
    const setUp = 'node node_modules/sigsweep/scripts/bootstrap.mjs';
    expect([code, err.split('\n')]).toEqual([3, [expect.stringContaining(`run ${setUp}`)]]);
    rmSync(join(PACKAGE, 'fixtures/cache'), { recursive: true, force: true });
    symlinkSync(resolve('fixtures/cache'), join(PACKAGE, 'fixtures/cache'));
    const [node, ...words] = setUp.split(' ');
    expect(run(node ?? '', words)).toEqual({ out: '', err: '', code: 0 });
  });

  it('checks the project’s own assembly', () => {
    const where = ['--replaces', '__syscall_cp_asm', '--scenario', 'read-data', '--vdso', '6.1-686/sysenter'];
    const { code, out } = sigsweep('check', '--asm', 'point.S', ...where);
    expect([code, out]).toEqual([0, expect.stringContaining('every rule holds; the check is complete')]);
  });

  it('has the matchers that its tests use', () => {
    const { code, out } = run(process.execPath, [at('node_modules/vitest/vitest.mjs'), 'run']);
    expect([code, out]).toEqual([0, expect.stringMatching(/Tests.*2 passed/)]);
  });

  it('is typed for those who import it', () => {
    const source = [
      "import 'sigsweep/vitest';",
      "import { check, DESIGNS, loadProgram, RULES, sweep, verdictOf } from 'sigsweep';",
      "import { expect } from 'vitest';",
      "const cell = sweep({ libc: 'musl-1.2.3', design: 'pc-check', vdso: 'x', scenario: 'open' });",
      'const verdict: string = verdictOf(cell);',
      "await expect(cell).toViolate('no-lost-cancel', { at: '__cp_end' });",
      "export const all = [verdict, DESIGNS.length, RULES.length, loadProgram('p').ok, check];",
      '',
    ];
    folder.write('typed.ts', source.join('\n'));
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
    const types = ['--types', 'node', '--typeRoots', resolve('node_modules/@types')];
    const compiler = resolve('node_modules/typescript/bin/tsc');
    expect(run(process.execPath, [compiler, ...options, ...types, 'typed.ts'])).toMatchObject({
      out: '',
      code: 0,
    });
  });
});
