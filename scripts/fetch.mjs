#!/usr/bin/env node
// Gets the real code under test from Debian's archive with the machine's own apt: node scripts/fetch.mjs [--all] [--retry] [ID…]
// What is there and matches fixtures/lock.json is not touched; without anything to get, nothing is asked of the network.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSuite } from './lib/apt.mjs';
import { takeBuiltMusl } from './lib/build-musl.mjs';
import { hostVdso } from './lib/host-vdso.mjs';
import { readLock, updateLock } from './lib/lock.mjs';
import { runMain, SetupError, say, size } from './lib/log.mjs';
import { cache, command, libcDir, lockFile, vdsoDir } from './lib/paths.mjs';
import { machineSources, mainArchive } from './lib/sources.mjs';
import { sha256 } from './lib/stamp.mjs';
import { isReady, readStatus, writeStatus } from './lib/status.mjs';
import { takeMembers, takeVdso } from './lib/unpack.mjs';
import { compareVersions } from './lib/version.mjs';
import { wanted } from './lib/wanted.mjs';

const aptBase = join(cache, 'apt');

/** Opens each suite at most once; a suite that failed fails again at once with the same reason. */
const suiteOpener = () => {
  const opened = new Map();
  const open = (source, suite, architecture) => {
    const key = `${suite}-${architecture}`;
    if (!opened.has(key)) {
      say(`reading the package index of ${suite} (${architecture})`);
      try {
        opened.set(key, openSuite(aptBase, source, suite, architecture));
      } catch (error) {
        opened.set(key, error);
      }
    }
    const got = opened.get(key);
    if (got instanceof Error) throw got;
    return got;
  };
  return { open, close: () => rmSync(aptBase, { recursive: true, force: true }) };
};

/** The packages to try, best first: the locked one, then the newest (said). */
const candidatesFor = (apt, part, way, locked) => {
  const all = apt
    .find(part.prefix, part.name)
    .filter((c) => part.version.test(c.version))
    .sort((a, b) => compareVersions(b.version, a.version));
  if (all.length === 0)
    throw new SetupError('no-package', `${way.suite} (${way.architecture}) has no ${part.name.source}`);
  const same = locked && all.find((c) => c.package === locked.package && c.version === locked.version);
  if (locked && !same) {
    say(
      `${locked.package} ${locked.version} is gone from ${way.suite}: taking ${all[0].package} ${all[0].version}; fixtures/lock.json changes`,
    );
  }
  return same ? [same] : all.slice(0, 3);
};

/** Downloads the first candidate that can be had and checks it against the lock. */
const downloadOne = (apt, candidates, locked) => {
  let last;
  for (const c of candidates) {
    try {
      say(`downloading ${c.package} ${c.version} (${size(c.size)})`);
      const deb = apt.download(c);
      const sum = sha256(readFileSync(deb));
      const expected =
        locked?.package === c.package && locked.version === c.version ? locked.sha256 : c.sha256;
      if (sum !== expected) {
        throw new SetupError(
          'sha256-mismatch',
          `${c.package} ${c.version} has sha256 ${sum}, fixtures/lock.json says ${expected}: NOT used`,
        );
      }
      return { deb, candidate: c };
    } catch (error) {
      if (!(error instanceof SetupError) || error.code === 'sha256-mismatch') throw error;
      last = error;
    }
  }
  throw last;
};

/** Fetches one fixture one way. @returns {{ entries: object[], files: string[] }} lock entries; files relative to the cache */
const fetchWay = (w, way, suites, source, lock) => {
  const apt = suites.open(source, way.suite, way.architecture);
  const scratch = join(aptBase, 'scratch');
  const home = join(libcDir, w.id);
  if (w.kind !== 'vdso') rmSync(home, { recursive: true, force: true });
  const entries = [];
  const files = [];
  for (const part of way.parts) {
    const locked = lock.find(
      (e) => e.id === w.id && e.architecture === way.architecture && part.name.test(e.package),
    );
    const { deb, candidate } = downloadOne(apt, candidatesFor(apt, part, way, locked), locked);
    const entry = { id: w.id, ...candidate, suite: way.suite };
    if (w.kind === 'vdso') {
      const { member, images } = takeVdso(deb, entry, scratch, vdsoDir);
      entries.push({ ...entry, members: [member], images });
      files.push(...images.map((i) => `vdso/${i.file}`));
      say(
        `${w.id}: ${images.length} vDSO image${images.length > 1 ? 's' : ''} carved (${images.map((i) => size(i.size)).join(', ')})`,
      );
    } else {
      const takeFrom = way.architecture === 'source' ? takeBuiltMusl : takeMembers;
      takeFrom(deb, part.take, scratch, home);
      entries.push({ ...entry, members: part.take.map(([from]) => from) });
      files.push(...part.take.map(([, to]) => `libc/${w.id}/${to}`));
    }
    rmSync(deb, { force: true });
  }
  return { entries, files };
};

const fetchOne = (w, suites, source, lock) => {
  // A stable sort: the locked way first, else as in the table.
  const isLocked = (way) =>
    lock.some((e) => e.id === w.id && e.suite === way.suite && e.architecture === way.architecture);
  const ways = [...w.ways].sort((a, b) => Number(isLocked(b)) - Number(isLocked(a)));
  const reasons = [];
  for (const way of ways) {
    try {
      return fetchWay(w, way, suites, source, lock);
    } catch (error) {
      if (error instanceof SetupError && error.code === 'sha256-mismatch') throw error;
      reasons.push(error.message);
    }
  }
  return { reason: reasons.join('; ') };
};

const needed = ({ all, retry, ids }, status, lock) =>
  wanted.filter((w) => {
    if (ids.length > 0 ? !ids.includes(w.id) : !(w.default || all)) return false;
    if (isReady(status, lock, w.id)) return false;
    return retry || status[w.id]?.state !== 'unavailable';
  });

/** @param {{ all?: boolean, retry?: boolean, ids?: string[] }} [options] @returns {void} @throws {SetupError} */
export const fetchFixtures = ({ all = false, retry = false, ids = [] } = {}) => {
  const unknown = ids.find((id) => !wanted.some((w) => w.id === id));
  if (unknown)
    throw new SetupError(
      'unknown-fixture',
      `no fixture ${unknown}; there are ${wanted.map((w) => w.id).join(', ')}`,
    );
  let lock = readLock(lockFile);
  const before = readStatus();
  let status = hostVdso(before);
  if (status !== before) writeStatus(status);
  const todo = needed({ all, retry, ids }, status, lock);
  if (todo.length === 0) return;
  const source = mainArchive(machineSources());
  if (!source)
    throw new SetupError(
      'no-archive',
      "none of this machine's apt sources is Debian's main archive: see /etc/apt/sources.list.d",
    );
  const suites = suiteOpener();
  try {
    for (const w of todo) {
      const got = fetchOne(w, suites, source, lock);
      if ('reason' in got) {
        if (w.required)
          throw new SetupError(
            'fixture-missing',
            `${w.id} can't be had: ${got.reason}; once it can: ${command('bootstrap.mjs')}`,
          );
        say(`${w.id}: skipped, ${got.reason}; again: ${command('fetch.mjs')} --retry ${w.id}`);
        status = {
          ...status,
          [w.id]: { state: 'unavailable', kind: w.kind, reason: got.reason, files: [], packages: [] },
        };
      } else {
        lock = updateLock(lockFile, lock, w.id, got.entries);
        const packages = got.entries.map(({ package: name, version, sha256: sum }) => ({
          package: name,
          version,
          sha256: sum,
        }));
        status = { ...status, [w.id]: { state: 'ready', kind: w.kind, files: got.files, packages } };
      }
      writeStatus(status);
    }
  } finally {
    suites.close();
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  await runMain(() =>
    fetchFixtures({
      all: args.includes('--all'),
      retry: args.includes('--retry'),
      ids: args.filter((a) => !a.startsWith('--')),
    }),
  );
}
