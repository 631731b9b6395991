// The built program over worker threads: the number of workers changes nothing in the answer.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allLibcs, ROOT } from '../../src/suite/catalog.js';
import { IMAGE, MUSL } from './cells.js';

const MAIN = join(ROOT, 'dist', 'cli', 'main.js');

/** A sample with merged points, findings, and cells of different lengths so that workers finish out of order. */
function matrix(jobs: number, ...form: string[]): string {
  const cells = ['--design', 'pc-check', 'naive-vdso', '--scenario', 'recv-fd', 'read-empty', 'read-data'];
  const args = [MAIN, 'matrix', ...cells, '--vdso', IMAGE, '--libc', MUSL, '--jobs', String(jobs), ...form];
  return execFileSync(process.execPath, args, { encoding: 'utf8' });
}

describe.skipIf(!allLibcs().includes(MUSL))('a matrix over workers', () => {
  it('is of the built program', () => expect(existsSync(MAIN)).toBe(true));

  it.each([[['--json']], [[]]])('is byte for byte the same with 1, 2 and 4 of them: %j', (form) => {
    const alone = matrix(1, ...form);
    expect(alone).toContain('no-lost-cancel');
    expect(matrix(2, ...form)).toBe(alone);
    expect(matrix(4, ...form)).toBe(alone);
  });
});
