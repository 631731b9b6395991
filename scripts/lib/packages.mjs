// What the set-up needs from the system, how to see that it is there without running it, and the Debian package that has it.
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { attempt } from './run.mjs';

/** @typedef {{ id: string, package: string, what: string, commands: string[] }} Need */

/** @type {Need[]} */
export const needs = [
  {
    id: 'binutils',
    package: 'binutils',
    what: 'assembler, linker, ELF tools',
    commands: ['as', 'ld', 'readelf', 'objdump'],
  },
  { id: 'gcc', package: 'gcc', what: 'compiler of the programs under test', commands: ['gcc'] },
  { id: 'xz', package: 'xz-utils', what: 'unpacks kernels', commands: ['xz'] },
  { id: 'zstd', package: 'zstd', what: 'unpacks kernels', commands: ['zstd'] },
];

/** @returns {string | undefined} the full path of a command on PATH */
export const commandPath = (name, path = process.env.PATH ?? '') => {
  for (const dir of path.split(delimiter).filter(Boolean)) {
    const file = join(dir, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder: on to the next.
    }
  }
  return undefined;
};

const standardFolders = () => {
  const lists = (dir) => (existsSync(dir) ? readdirSync(dir) : []);
  const triplets = lists('/usr/lib').filter((n) => n.includes('-linux-gnu'));
  const own = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean);
  return [...own, ...triplets.map((t) => `/usr/lib/${t}`), '/usr/lib64', '/usr/lib', '/usr/local/lib'];
};

/** @returns {string | undefined} where libunicorn.so.2 is, by the standard folders and then the loader's cache */
export const unicornPath = () => {
  const found = standardFolders()
    .map((dir) => join(dir, 'libunicorn.so.2'))
    .find((file) => existsSync(file));
  if (found) return found;
  const cache = attempt(commandPath('ldconfig') ?? '/sbin/ldconfig', ['-p']).stdout.toString();
  return /libunicorn\.so\.2 .*=> (\S+)/.exec(cache)?.[1];
};

/** Names of the Debian packages that are missing. @returns {string[]} */
export const missingPackages = () => [
  ...(unicornPath() ? [] : ['libunicorn2']),
  ...needs.filter((n) => n.commands.some((c) => !commandPath(c))).map((n) => n.package),
];
