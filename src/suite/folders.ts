// Where the project and what set-up has put into it lie.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, from dist/suite or src/suite. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const CACHE = join(ROOT, 'fixtures', 'cache');
/** Built assembly by its hash: see src/asm/gnu-as.ts. */
export const OVERLAYS = join(CACHE, 'overlays');
