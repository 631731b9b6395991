// The scenarios linked with a C library of the user's own, as scripts/programs.mjs links them with the shipped ones: its
// archive and start files, the headers of a shipped library of the same family unless it has its own beside it.
// Executables are kept in the user's cache folder by the hash of all that went in.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { command, libcDir, sourcesDir } from './lib/paths.mjs';
import { attempt } from './lib/run.mjs';
import { filesBelow, hashFiles, hashOf } from './lib/stamp.mjs';
import { compilerFlags, includeFolders, libgccFor, linkWith } from './lib/toolchain.mjs';

const cacheDir = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sigsweep', 'programs');

/** Where start files lie: installed beside the archive, or where musl's and glibc's build trees put them. */
const START_FOLDERS = ['.', '../obj/crt', '../crt', 'csu', '../csu', '../lib'];
const START_FILES = ['crt1.o', 'crti.o', 'crtn.o'];

const startFolder = (archive) =>
  START_FOLDERS.map((folder) => join(dirname(archive), folder)).find((folder) =>
    START_FILES.every((name) => existsSync(join(folder, name))),
  );

/** Headers beside the library, else those of a shipped one. */
const headersOf = (archive, family) => {
  const own = join(dirname(archive), '..', 'include');
  if (existsSync(join(own, 'pthread.h'))) return { own };
  const shipped = filesOf(libcDir).find((id) => id.startsWith(`${family}-`));
  return { shipped };
};

const filesOf = (folder) => attempt('ls', [folder]).stdout.toString().split('\n').filter(Boolean).sort();

const firstLine = (text) =>
  text.split('\n').find((line) => /error|undefined|cannot|No such/.test(line)) ?? text.split('\n')[0];

const flagsFor = (archive, family) => {
  const gccInclude = attempt('gcc', ['-print-file-name=include']).stdout.toString().trim();
  const { own, shipped } = headersOf(archive, family);
  if (shipped) return [...compilerFlags(false), ...includeFolders(shipped, gccInclude)];
  const kernel = join(libcDir, 'linux-headers/include');
  return [
    ...compilerFlags(false),
    '-I',
    sourcesDir,
    ...[own, gccInclude, kernel].flatMap((d) => ['-isystem', d]),
  ];
};

const buildOne = ({ archive, family, start, flags }, source, output) => {
  const gcc = (name) => join(libcDir, libgccFor(`${family}-own`), 'lib', name);
  const lib = (name) => (name.endsWith('.a') ? join(dirname(archive), name) : join(start, name));
  const scratch = `${output}.${process.pid}`;
  const object = `${scratch}.o`;
  const arguments_ = linkWith({ musl: family === 'musl', lib, gcc }, object, scratch, false);
  try {
    for (const [tool, args] of [
      ['gcc', [...flags, '-c', source, '-o', object]],
      ['ld', arguments_.map((word) => (word === lib('libc.a') ? archive : word))],
    ]) {
      const done = attempt(tool, args);
      if (!done.ok) return `${tool}: ${firstLine(done.stderr || done.reason)}`;
    }
    renameSync(scratch, output);
    return '';
  } finally {
    for (const path of [object, scratch]) rmSync(path, { force: true });
  }
};

export const programsFor = ({ archive, family, scenarios }) => {
  if (!attempt('gcc', ['--version']).ok)
    return { ok: false, reason: 'gcc is not installed: apt-get install gcc' };
  const start = startFolder(archive);
  if (!start) {
    const where = START_FOLDERS.slice(0, 2).join(' or ');
    return {
      ok: false,
      reason: `no ${START_FILES.join(', ')} beside ${archive} (looked in ${where} and a build tree's folders)`,
    };
  }
  const headers = headersOf(archive, family);
  if (!headers.own && !headers.shipped)
    return {
      ok: false,
      reason: `no headers for ${archive}: run ${command('bootstrap.mjs')}, which gets those of ${family}`,
    };
  const flags = flagsFor(archive, family);
  const tools = ['gcc', 'ld']
    .map((tool) => attempt(tool, ['--version']).stdout.toString().split('\n')[0])
    .join();
  const common = hashFiles(
    sourcesDir,
    filesBelow(sourcesDir, (name) => name.endsWith('.h')),
  );
  const libc = hashOf(
    readFileSync(archive).toString('latin1'),
    ...START_FILES.map((name) => readFileSync(join(start, name)).toString('latin1')),
  );
  mkdirSync(cacheDir(), { recursive: true });
  const programs = {};
  const failed = [];
  for (const scenario of scenarios) {
    const source = join(sourcesDir, 'cancel', `${scenario}.c`);
    const output = join(
      cacheDir(),
      `${scenario}-${hashOf(readFileSync(source, 'utf8'), common, libc, tools, flags.join(' ')).slice(0, 24)}`,
    );
    const problem = existsSync(output) ? '' : buildOne({ archive, family, start, flags }, source, output);
    if (problem) failed.push(`${scenario} could not be linked with ${archive}: ${problem}`);
    else programs[scenario] = output;
  }
  return { ok: true, programs, failed };
};
