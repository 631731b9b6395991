// A private apt: own folders for one suite and one architecture, so that the system's apt is neither changed nor
// needed, and so that an index that is out of step in one place doesn't spoil the others. apt.conf(5): a file given
// by -c is read last, so it can override and #clear what the machine's configuration says (proxies stay).
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './log.mjs';
import { attempt } from './run.mjs';
import { sourceFor } from './sources.mjs';

/** @typedef {{ package: string, version: string, architecture: string, size: number, sha256: string }} Candidate */

const configuration = (dir, architecture) => `
Dir::State "${dir}/state";
Dir::State::status "${dir}/status";
Dir::Cache "${dir}/cache";
Dir::Etc::sourcelist "${dir}/suite.sources";
Dir::Etc::sourceparts "${dir}/none";
APT::Architecture "${architecture}";
#clear APT::Architectures;
APT::Architectures { "${architecture}"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`;

/** The first line of apt's stderr that says what went wrong. */
const aptReason = (r) =>
  /^(?:E|Err|W):.*(?:\n {2}.*)?/m.exec(r.stderr)?.[0].replace(/\s+/g, ' ').slice(0, 300) ?? r.reason;

/** Records of `apt-cache show`, newest first as apt prints them. @returns {Candidate[]} */
export const parseRecords = (text) =>
  text.split(/\n\n+/).flatMap((record) => {
    const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(record)?.[1] ?? '';
    const c = {
      package: field('Package'),
      version: field('Version'),
      architecture: field('Architecture'),
      size: Number(field('Size')),
      sha256: field('SHA256'),
    };
    return c.package && c.sha256 ? [c] : [];
  });

/**
 * @param {string} base folder for apt's files @param {import('./sources.mjs').Source} source
 * @returns {{ find: (prefix: string, wanted: RegExp) => Candidate[], download: (c: Candidate) => string, drop: () => void }}
 */
export const openSuite = (base, source, suite, architecture) => {
  const dir = join(base, `${suite}-${architecture}`);
  for (const d of ['state/lists/partial', 'cache/archives/partial', 'none', 'debs']) {
    mkdirSync(join(dir, d), { recursive: true });
  }
  const conf = join(dir, 'apt.conf');
  writeFileSync(conf, configuration(dir, architecture));
  writeFileSync(join(dir, 'status'), '');
  writeFileSync(join(dir, 'suite.sources'), sourceFor(source, suite, architecture));
  const update = attempt('apt-get', ['-c', conf, '-q', 'update']);
  // apt-get update ends with 0 and a warning when an index could not be had but an old one exists: here none does.
  if (!update.ok || /^[EW]: Failed to fetch/m.test(update.stderr)) {
    throw new SetupError('suite-unavailable', `${suite} (${architecture}): ${aptReason(update)}`);
  }
  const find = (prefix, wanted) => {
    const names = attempt('apt-cache', ['-c', conf, 'pkgnames', prefix])
      .stdout.toString()
      .split('\n')
      .filter((n) => wanted.test(n))
      .sort();
    return names.length === 0
      ? []
      : parseRecords(attempt('apt-cache', ['-c', conf, 'show', ...names]).stdout.toString());
  };
  const download = (c) => {
    const debs = join(dir, 'debs');
    rmSync(debs, { recursive: true, force: true });
    mkdirSync(debs);
    const r = attempt('apt-get', ['-c', conf, '-q', 'download', `${c.package}=${c.version}`], { cwd: debs });
    const deb = readdirSync(debs).find((f) => f.endsWith('.deb'));
    if (!r.ok || !deb) throw new SetupError('download-failed', `${c.package} ${c.version}: ${aptReason(r)}`);
    return join(debs, deb);
  };
  return { find, download, drop: () => rmSync(dir, { recursive: true, force: true }) };
};
