// fixtures/cache/status.json: what of the fixtures is here, and why the rest is not. Tests and `sigsweep matrix` read it to
// report `skipped` with its reason. {"ID": {state: "ready" | "unavailable", kind, files: [...], packages: [...], reason}}
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cache, statusFile } from './paths.mjs';

/** @returns {Record<string, any>} {} when there is none or it is damaged: everything is then fetched again */
export const readStatus = () => {
  try {
    return JSON.parse(readFileSync(statusFile, 'utf8'));
  } catch {
    return {};
  }
};

export const writeStatus = (status) => {
  mkdirSync(dirname(statusFile), { recursive: true });
  const sorted = Object.fromEntries(Object.entries(status).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(statusFile, `${JSON.stringify(sorted, null, 2)}\n`);
};

/** Is fixture `id` complete and from the packages that the lock names? */
export const isReady = (status, lock, id) => {
  const s = status[id];
  if (s?.state !== 'ready' || !s.files.every((f) => existsSync(join(cache, f)))) return false;
  const locked = lock.filter((e) => e.id === id).map((e) => e.sha256);
  return (
    locked.length > 0 &&
    locked.sort().join() ===
      s.packages
        .map((p) => p.sha256)
        .sort()
        .join()
  );
};
