// Objects made by GNU as for one test.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';

/** Assembles an i386 object and hands over its path and bytes; the file is gone afterwards. */
export function withAssembled<T>(text: string, use: (path: string, bytes: Uint8Array) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'sigsweep-cfi-'));
  try {
    const path = join(folder, 'a.o');
    execaSync('as', ['--32', '-o', path, '-'], { input: text });
    return use(path, new Uint8Array(readFileSync(path)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
