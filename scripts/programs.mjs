#!/usr/bin/env node
// Compiles fixtures/programs/**/*.c and links each with the object code of every libc that is here:
// fixtures/cache/programs/LIBC/NAME, NAME being the path below fixtures/programs without `.c`.
//
//   node scripts/programs.mjs [--force] [NAME…]
//
// A source may say in a comment `build: WORD…`: `static-pie`, and `libc=musl` or `libc=glibc` to be built for one only.
// Incremental: a program is built again when the hash of its source, the headers, the libc, the flags or the tools changes.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLock } from './lib/lock.mjs';
import { runMain, SetupError, say } from './lib/log.mjs';
import { lockFile, programsDir, root, sourcesDir } from './lib/paths.mjs';
import { attempt } from './lib/run.mjs';
import { filesBelow, hashFiles, hashOf, readStamp, writeStamp } from './lib/stamp.mjs';
import { isReady, readStatus } from './lib/status.mjs';
import { compilerFlags, includeFolders, libgccFor, linkArguments } from './lib/toolchain.mjs';

/** `build:` words of a source. @param {string} source @returns {{ pie: boolean, libc: string | undefined }} */
export const buildWords = (source) => {
  const words = (/^(?:\/\*|\/\/|\s\*)\s*build:([^\n*]*)/m.exec(source)?.[1] ?? '')
    .trim()
    .split(/\s+/)
    .filter(Boolean);
  const unknown = words.find((w) => w !== 'static-pie' && !/^libc=(musl|glibc)$/.test(w));
  if (unknown)
    throw new SetupError(
      'bad-build-word',
      `build: ${unknown} is not known: static-pie, libc=musl, libc=glibc`,
    );
  return { pie: words.includes('static-pie'), libc: words.find((w) => w.startsWith('libc='))?.slice(5) };
};

/** A failure's text is the tool's first complaint; which program and which libcs is said once for all of them. @returns {string[]} warnings */
const mustRun = (command, args) => {
  const r = attempt(command, args, { cwd: root });
  const lines = (r.stderr || r.reason).replaceAll(`${root}/`, '').split('\n');
  if (!r.ok) {
    const text = lines.find((l) => /error|undefined|cannot|No such/.test(l)) ?? r.reason;
    throw new SetupError('program-failed', text);
  }
  return lines.filter((l) => l.includes(' warning: '));
};

/** @returns {string[]} warnings */
const buildOne = ({ libc, source, output, pie, flags }) => {
  mkdirSync(dirname(output), { recursive: true });
  const object = `${output}.o`;
  const warnings = [
    ...mustRun('gcc', [...flags, '-c', source, '-o', object]),
    ...mustRun('ld', linkArguments(libc, object, output, pie)),
  ];
  rmSync(object);
  return warnings;
};

/** What was said of several programs' builds, each once with the libcs it was said for. */
class Complaints {
  /** @type {Map<string, string[]>} */
  said = new Map();

  /** @param {string} name of the program @param {string} what @param {string} libc */
  add(name, what, libc) {
    const file = `fixtures/programs/${name}.c`;
    const text = what.replace(/^\.\//, '').startsWith(file) ? what : `${file}: ${what}`;
    this.said.set(text, [...(this.said.get(text) ?? []), libc]);
  }

  lines = () => [...this.said].map(([what, libcs]) => `${what} (with ${libcs.join(', ')})`);
}

/** @returns {string[]} ids of the libcs that are here, in the order of the names */
export const presentLibcs = () => {
  const [status, lock] = [readStatus(), readLock(lockFile)];
  const here = (id) => isReady(status, lock, id);
  const ready = Object.keys(status).filter(
    (id) => status[id].kind === 'libc' && here(id) && here(libgccFor(id)),
  );
  return here('linux-headers') ? ready.sort() : [];
};

const toolVersions = () =>
  ['gcc', 'ld'].map((t) => attempt(t, ['--version']).stdout.toString().split('\n')[0]).join();

/** Everything to be built, with the hash that decides whether it has to be. */
const jobs = (names) => {
  const headers = hashFiles(
    sourcesDir,
    filesBelow(sourcesDir, (n) => n.endsWith('.h')),
  );
  const lock = readLock(lockFile);
  const sources = filesBelow(sourcesDir, (n) => n.endsWith('.c'));
  const libcs = presentLibcs();
  if (sources.length === 0 || libcs.length === 0) return [];
  const gccInclude = attempt('gcc', ['-print-file-name=include']).stdout.toString().trim();
  const tools = toolVersions();
  return sources.flatMap((source) => {
    const name = relative(sourcesDir, source).replace(/\.c$/, '');
    if (names.length > 0 && !names.includes(name)) return [];
    const text = readFileSync(source, 'utf8');
    const { pie, libc: only } = buildWords(text);
    return libcs
      .filter((libc) => !only || libc.startsWith(`${only}-`))
      .map((libc) => {
        const flags = [...compilerFlags(pie), ...includeFolders(libc, gccInclude)];
        const output = join(programsDir, libc, name);
        const from = lock
          .filter((e) => [libc, libgccFor(libc), 'linux-headers'].includes(e.id))
          .map((e) => e.sha256);
        const portable = [...flags, ...linkArguments(libc, 'o', output, pie)].join(' ').replaceAll(root, '.');
        return {
          name,
          libc,
          source,
          output,
          pie,
          flags,
          hash: hashOf(text, headers, portable, tools, from.sort().join()),
        };
      });
  });
};

const stamp = (job) => join(programsDir, '.stamps', job.libc, job.name.replaceAll('/', '_'));
const isCurrent = (job) => readStamp(stamp(job)) === job.hash && existsSync(job.output);

/** @returns {{ outdated: number, total: number }} how many programs are not built from what is here now */
export const outdatedPrograms = () => {
  const all = jobs([]);
  return { outdated: all.filter((job) => !isCurrent(job)).length, total: all.length };
};

/**
 * @param {{ force?: boolean, names?: string[] }} [options] @returns {{ built: number, kept: number }}
 * @throws {SetupError} after everything that can be built has been, with one line for each program that can't
 */
export const buildPrograms = ({ force = false, names = [] } = {}) => {
  const all = jobs(names);
  const todo = all.filter((job) => force || !isCurrent(job));
  const [failed, warned] = [new Complaints(), new Complaints()];
  let bad = 0;
  for (const job of todo) {
    try {
      for (const warning of buildOne(job)) warned.add(job.name, warning, job.libc);
      writeStamp(stamp(job), job.hash);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      rmSync(job.output, { force: true });
      failed.add(job.name, error.message, job.libc);
      bad++;
    }
  }
  for (const line of warned.lines()) say(line);
  if (todo.length > 0) say(`${todo.length - bad} programs built, ${all.length - todo.length} up to date`);
  const lines = failed.lines();
  if (lines.length > 0) throw new SetupError('program-failed', lines.join('\n'));
  return { built: todo.length, kept: all.length - todo.length };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  await runMain(() =>
    buildPrograms({ force: args.includes('--force'), names: args.filter((a) => !a.startsWith('--')) }),
  );
}
