// Where set-up keeps things. Everything below fixtures/cache is git-ignored and can be deleted at any time.
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const cache = join(root, 'fixtures/cache');
export const lockFile = join(root, 'fixtures/lock.json');
export const statusFile = join(cache, 'status.json');
export const vdsoDir = join(cache, 'vdso');
export const libcDir = join(cache, 'libc');
export const programsDir = join(cache, 'programs');
export const sourcesDir = join(root, 'fixtures/programs');

/** How whoever stands in the current folder runs one of these scripts. */
export const command = (script) => `node ${relative(process.cwd(), join(root, 'scripts', script))}`;
