// The built program over worker threads: the number of workers changes nothing in the answer.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allLibcs, ROOT } from '../../src/suite/catalog.js';
import { IMAGE, MUSL } from './cells.js';

const MAIN = join(ROOT, 'dist', 'cli', 'main.js');

function matrix(jobs: number): string {
  const cells = ['--design', 'pc-check', 'naive-vdso', '--scenario', 'read-empty', 'read-data', 'open'];
  const args = [MAIN, 'matrix', ...cells, '--vdso', IMAGE, '--libc', MUSL, '--jobs', String(jobs), '--json'];
  return execFileSync(process.execPath, args, { encoding: 'utf8' });
}

describe('a matrix over workers', () => {
  it('is byte for byte the same with 1, 2 and 3 of them', (context) => {
    if (!allLibcs().includes(MUSL)) context.skip(`no programs for ${MUSL}`);
    expect(existsSync(MAIN)).toBe(true);
    const alone = matrix(1);
    expect(alone.match(/"naive-vdso"/g)?.length).toBe(3);
    expect(alone).toContain('no-lost-cancel');
    expect(matrix(2)).toBe(alone);
    expect(matrix(3)).toBe(alone);
  });
});
