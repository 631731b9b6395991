#!/usr/bin/env node
import { fetchFixtures } from './fetch.mjs';
// Everything between `git clone` and `npm start` / `npm test`, each step only when it has something to do. Exit code 3 and one
// line a problem when this machine can't: what is missing and the command that gets it.
//
//   node scripts/bootstrap.mjs [--all]        --all: also the fixtures that are not in the default set
import { build } from './lib/build.mjs';
import { runMain, SetupError } from './lib/log.mjs';
import { installModules } from './lib/modules.mjs';
import { installSystemPackages } from './lib/system.mjs';
import { buildPrograms } from './programs.mjs';

const checkNode = () => {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    throw new SetupError('old-node', `Node ${process.versions.node} is too old: sigsweep needs 20 or newer`);
  if (process.platform !== 'linux')
    throw new SetupError('not-linux', `sigsweep runs on Linux, not on ${process.platform}`);
};

await runMain(() => {
  checkNode();
  installModules();
  installSystemPackages();
  fetchFixtures({ all: process.argv.includes('--all') || process.env.SIGSWEEP_ALL === '1' });
  buildPrograms();
  build();
});
