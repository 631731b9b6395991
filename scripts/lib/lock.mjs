// fixtures/lock.json: which packages the fixtures came from. {"version": 1, "packages": [{id, package, version,
// architecture, suite, sha256, size, members}]}; size in bytes; sorted by id, then package. No archive address in it.
import { readFileSync, writeFileSync } from 'node:fs';
import { SetupError } from './log.mjs';

/** @typedef {{ id: string, package: string, version: string, architecture: string, suite: string, sha256: string, size: number, members: string[] }} Entry */

const strings = ['id', 'package', 'version', 'architecture', 'suite', 'sha256'];

const problemOf = (entry) => {
  if (typeof entry !== 'object' || entry === null) return 'is not an object';
  const missing = strings.find((k) => typeof entry[k] !== 'string' || entry[k] === '');
  if (missing) return `has no "${missing}"`;
  if (!/^[0-9a-f]{64}$/.test(entry.sha256)) return 'has a sha256 that is not 64 hex digits';
  if (!Number.isInteger(entry.size)) return 'has no "size"';
  return Array.isArray(entry.members) ? undefined : 'has no "members"';
};

/** @param {string} text @returns {Entry[]} @throws {SetupError} naming the entry that is wrong */
export const parseLock = (text) => {
  const bad = (why) =>
    new SetupError(
      'bad-lock',
      `fixtures/lock.json ${why}: repair it or take the committed one (git checkout fixtures/lock.json)`,
    );
  let lock;
  try {
    lock = JSON.parse(text);
  } catch (error) {
    throw bad(`is not JSON (${error.message})`);
  }
  if (lock?.version !== 1 || !Array.isArray(lock.packages)) throw bad('is not a version 1 lock file');
  lock.packages.forEach((entry, i) => {
    const problem = problemOf(entry);
    if (problem) throw bad(`package ${i} (${entry?.id ?? 'no id'}) ${problem}`);
  });
  return lock.packages;
};

/** @param {readonly Entry[]} entries @returns {string} the file's text, the same for the same entries in any order */
export const formatLock = (entries) => {
  const key = (e) => `${e.id}\0${e.package}`;
  const packages = [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return `${JSON.stringify({ version: 1, packages }, null, 2)}\n`;
};

/** @param {string} file @returns {Entry[]} [] when there is no file yet */
export const readLock = (file) => {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return parseLock(text);
};

/** Puts the entries of one fixture in place of its old ones; writes only when something changes. @returns {Entry[]} */
export const updateLock = (file, entries, id, replacement) => {
  const next = [...entries.filter((e) => e.id !== id), ...replacement];
  if (formatLock(next) !== formatLock(entries) || entries.length === 0) writeFileSync(file, formatLock(next));
  return next;
};
