// node_modules: installed by `npm ci` when it does not have what package-lock.json says. The hash of the lock file in
// node_modules/.sigsweep makes the next look cheap.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, say } from './log.mjs';
import { root } from './paths.mjs';
import { attempt } from './run.mjs';
import { hashOf, readStamp, writeStamp } from './stamp.mjs';

const stamp = join(root, 'node_modules/.sigsweep');
const lock = join(root, 'package-lock.json');
const lockHash = () => hashOf(readFileSync(lock));

/** A package that was installed into another project has no lock file; npm has installed what it needs, and its dist/ is built. */
export const isInstalled = !existsSync(lock);

const versions = (file) => {
  const packages = JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  return new Map(Object.entries(packages).map(([path, p]) => [path, p]));
};

/**
 * Does npm's own record of what it installed agree with package-lock.json? Optional packages (other platforms) may be absent.
 * @param {string} [folder] the one with package-lock.json and node_modules
 */
export const installedAsLocked = (folder = root) => {
  const hidden = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = versions(hidden);
  return [...versions(join(folder, 'package-lock.json'))].every(([path, p]) => {
    if (path === '') return true;
    const there = installed.get(path);
    return there ? there.version === p.version : p.optional === true || p.devOptional === true;
  });
};

/** @returns {boolean} without changing anything */
export const modulesReady = () => isInstalled || readStamp(stamp) === lockHash() || installedAsLocked();

/** @throws {SetupError} when npm can't */
export const installModules = () => {
  if (isInstalled) return;
  const hash = lockHash();
  if (readStamp(stamp) === hash) return;
  if (!installedAsLocked()) {
    say('installing the npm packages of package-lock.json');
    const r = attempt('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
    });
    if (!r.ok) {
      const why = r.stderr.split('\n').find((l) => /npm (error|ERR!)/.test(l)) ?? r.reason;
      throw new SetupError('npm-ci', `npm ci failed: ${why}; run: npm ci`);
    }
  }
  writeStamp(stamp, hash);
};
