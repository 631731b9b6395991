// What is installed here and what is missing, for bootstrap's messages and `sigsweep doctor`. Only looks: changes nothing,
// asks no network, starts no program but ldconfig and the compiler's --version.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildReady } from './lib/build.mjs';
import { readLock } from './lib/lock.mjs';
import { installedAsLocked, isInstalled, modulesReady } from './lib/modules.mjs';
import { commandPath, needs, unicornPath } from './lib/packages.mjs';
import { command, lockFile, vdsoDir } from './lib/paths.mjs';
import { isReady, readStatus } from './lib/status.mjs';
import { wanted } from './lib/wanted.mjs';
import { outdatedPrograms } from './programs.mjs';

/** @typedef {{ id: string, what: string, state: 'ok' | 'missing' | 'skipped', detail: string, fix: string }} Fact `fix` is a command, '' when there is nothing to do */

const fact = (id, what, state, detail, fix = '') => ({
  id,
  what,
  state,
  detail,
  fix: state === 'ok' ? '' : fix,
});
const install = (name) => `sudo apt-get install -y --no-install-recommends ${name}`;

const modulesDetail = () => {
  if (isInstalled) return 'installed with sigsweep';
  return installedAsLocked() ? 'as package-lock.json says' : 'not as package-lock.json says';
};

const toolFacts = () => {
  const node = Number(process.versions.node.split('.')[0]) >= 20;
  const unicorn = unicornPath();
  const tools = needs.map((n) => {
    const missing = n.commands.filter((c) => !commandPath(c));
    const detail =
      missing.length === 0
        ? n.commands.map((c) => commandPath(c)).join(', ')
        : `no ${missing.join(', ')} on PATH`;
    return fact(n.id, n.what, missing.length === 0 ? 'ok' : 'missing', detail, install(n.package));
  });
  return [
    fact(
      'node',
      'Node.js 20 or newer',
      node ? 'ok' : 'missing',
      process.versions.node,
      'install Node 20 or newer',
    ),
    fact('modules', 'npm packages', modulesReady() ? 'ok' : 'missing', modulesDetail(), 'npm ci'),
    fact(
      'unicorn',
      'CPU emulator',
      unicorn ? 'ok' : 'missing',
      unicorn ?? 'no libunicorn.so.2',
      install('libunicorn2'),
    ),
    ...tools,
  ];
};

/** One fact a fixture: all of the default set, of the others those that are here. */
const fixtureFacts = () => {
  const [status, lock] = [readStatus(), readLock(lockFile)];
  return wanted.flatMap((w) => {
    const known = status[w.id];
    const packages = (known?.packages ?? []).map((p) => `${p.package} ${p.version}`).join(', ');
    if (isReady(status, lock, w.id)) return [fact(`fixture:${w.id}`, w.kind, 'ok', packages)];
    if (known?.state === 'unavailable') {
      return [
        fact(`fixture:${w.id}`, w.kind, 'skipped', known.reason, `${command('fetch.mjs')} --retry ${w.id}`),
      ];
    }
    return w.default
      ? [fact(`fixture:${w.id}`, w.kind, 'missing', 'not fetched', command('bootstrap.mjs'))]
      : [];
  });
};

const hostFact = () => {
  const host = readStatus().host;
  if (host?.state === 'unavailable')
    return fact('fixture:host', "this machine's vDSO", 'skipped', host.reason);
  const there = existsSync(join(vdsoDir, 'host.so'));
  return fact(
    'fixture:host',
    "this machine's vDSO",
    there ? 'ok' : 'missing',
    there ? `kernel ${host?.release}` : 'not read',
    command('bootstrap.mjs'),
  );
};

const buildFacts = () => {
  const { outdated, total } =
    commandPath('gcc') && commandPath('ld') ? outdatedPrograms() : { outdated: 0, total: 0 };
  const programs = total > 0 && outdated === 0;
  const detail =
    total === 0 ? 'none can be built yet' : programs ? `${total} built` : `${outdated} of ${total} not built`;
  return [
    fact('programs', 'programs under test', programs ? 'ok' : 'missing', detail, command('programs.mjs')),
    fact(
      'build',
      'dist/',
      buildReady() ? 'ok' : 'missing',
      isInstalled ? 'as it was packed' : buildReady() ? 'as src/' : 'not the compiled form of src/',
      command('bootstrap.mjs'),
    ),
  ];
};

/** @returns {Fact[]} in the order in which things have to be there */
export const facts = () => [...toolFacts(), ...fixtureFacts(), hostFact(), ...buildFacts()];
