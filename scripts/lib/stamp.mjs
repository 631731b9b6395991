// Content hashes and the stamp files that make a second run do nothing. No clock: only content counts.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** @param {...(string | Uint8Array)} parts @returns {string} sha256, hex; parts are length-prefixed, so ('a','b') != ('ab') */
export const hashOf = (...parts) => {
  const h = createHash('sha256');
  for (const part of parts) h.update(`${Buffer.byteLength(part)}:`).update(part);
  return h.digest('hex');
};

/** @param {string | Uint8Array} bytes @returns {string} the plain sha256 of the bytes, hex, as sha256sum prints it */
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Every file below `dir`, sorted by relative path. A missing folder has no files. @returns {string[]} full paths */
export const filesBelow = (dir, wanted = (/** @type {string} */ _name) => true) => {
  let entries;
  try {
    entries = readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
  const found = entries.flatMap((e) => {
    const path = join(dir, e.name);
    if (e.isDirectory()) return filesBelow(path, wanted);
    return e.isFile() && wanted(e.name) ? [path] : [];
  });
  return found.sort();
};

/** Hash of names (relative to `base`) and contents. @param {string} base @param {readonly string[]} files */
export const hashFiles = (base, files) =>
  hashOf(...files.flatMap((f) => [relative(base, f), readFileSync(f)]));

/** @returns {string | undefined} what writeStamp left, undefined when there is none */
export const readStamp = (file) => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
};

export const writeStamp = (file, value) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${value}\n`);
};
