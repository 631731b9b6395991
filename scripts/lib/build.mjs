// dist/: compiled again only when the content of src/ or of the compiler's settings changed.
import { existsSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { SetupError, say } from './log.mjs';
import { isInstalled } from './modules.mjs';
import { root } from './paths.mjs';
import { attempt } from './run.mjs';
import { filesBelow, hashFiles, readStamp, writeStamp } from './stamp.mjs';

const dist = join(root, 'dist');
const stamp = join(dist, '.sigsweep');
const sources = () => filesBelow(join(root, 'src'), (n) => n.endsWith('.ts'));

const sourceHash = () =>
  hashFiles(root, [
    ...['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].map((f) => join(root, f)),
    ...sources(),
  ]);

/** @returns {boolean} is dist/ the compiled form of src/ as it is now? */
export const buildReady = () => isInstalled || readStamp(stamp) === sourceHash();

/** Output files whose source is gone. */
const removeOrphans = () => {
  for (const file of filesBelow(dist, (n) => /\.(js|d\.ts)(\.map)?$/.test(n))) {
    const source = relative(dist, file).replace(/\.(js|d\.ts)(\.map)?$/, '.ts');
    if (!existsSync(join(root, 'src', source))) rmSync(file);
  }
};

/** @throws {SetupError} with the compiler's first complaint */
export const build = () => {
  if (isInstalled || sources().length === 0) return;
  const hash = sourceHash();
  if (readStamp(stamp) === hash) return;
  say('compiling src/ into dist/');
  // Deleted output is not noticed by an incremental compiler: without a stamp, start from nothing.
  if (readStamp(stamp) === undefined) rmSync(dist, { recursive: true, force: true });
  const r = attempt(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    { cwd: root },
  );
  if (!r.ok) {
    const [first, ...rest] = r.stdout
      .toString()
      .split('\n')
      .filter((l) => l.includes('error TS'));
    const more = rest.length > 0 ? ` (and ${rest.length} more: npm run types)` : '';
    throw new SetupError('build-failed', `src/ does not compile: ${first ?? r.reason}${more}`);
  }
  removeOrphans();
  writeStamp(stamp, hash);
};
