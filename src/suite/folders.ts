// Where the project and what set-up has put into it lie.
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, from dist/suite or src/suite. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The command that sets everything up, for whoever stands in the current folder: in a checkout or beside node_modules. */
export const SETUP = `node ${relative(process.cwd(), join(ROOT, 'scripts', 'bootstrap.mjs'))}`;
export const CACHE = join(ROOT, 'fixtures', 'cache');
/** Built assembly by its hash: see src/asm/gnu-as.ts. */
export const OVERLAYS = join(CACHE, 'overlays');
