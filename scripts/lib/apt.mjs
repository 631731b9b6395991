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
APT::Architecture "${architecture === 'source' ? 'amd64' : architecture}";
#clear APT::Architectures;
APT::Architectures { "${architecture === 'source' ? 'amd64' : architecture}"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`;

/** The first line of apt's stderr that says what went wrong. */
const aptReason = (r) =>
  /^(?:E|Err|W):.*(?:\n {2}.*)?/m
    .exec(r.stderr)?.[0]
    .replace(/\s+/g, ' ')
    .replace(/ \[IP: .*/, '')
    .slice(0, 300) ?? r.reason;

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

/** Records of `apt-cache showsrc`: of each source package its upstream tarball. @returns {Candidate[]} */
export const parseSourceRecords = (text) =>
  text.split(/\n\n+/).flatMap((record) => {
    const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(record)?.[1] ?? '';
    const sums = /^Checksums-Sha256:[^\n]*\n((?: .*(?:\n|$))*)/m.exec(record)?.[1] ?? '';
    const tarball = /^ ([0-9a-f]{64}) (\d+) \S+\.orig\.tar\.\w+$/m.exec(sums);
    if (!tarball) return [];
    return [
      {
        package: field('Package'),
        version: field('Version'),
        architecture: 'source',
        size: Number(tarball[2]),
        sha256: tarball[1],
      },
    ];
  });

/** How binary packages of an architecture and source packages are looked up and downloaded. */
const waysOf = (architecture) =>
  architecture === 'source'
    ? {
        list: (cache, prefix) => parseSourceRecords(cache('showsrc', prefix)),
        get: ['source', '--download-only'],
        isIt: (file) => /\.orig\.tar\.\w+$/.test(file),
      }
    : {
        list: (cache, prefix, wanted) => {
          const names = cache('pkgnames', prefix)
            .split('\n')
            .filter((n) => wanted.test(n))
            .sort();
          return names.length === 0 ? [] : parseRecords(cache('show', ...names));
        },
        get: ['download'],
        isIt: (file) => file.endsWith('.deb'),
      };

/**
 * @param {string} base folder for apt's files @param {import('./sources.mjs').Source} source
 * @returns {{ find: (prefix: string, wanted: RegExp) => Candidate[], download: (c: Candidate) => string, drop: () => void }}
 */
export const openSuite = (base, source, suite, architecture) => {
  const dir = join(base, `${suite}-${architecture}`);
  for (const d of ['state/lists/partial', 'cache/archives/partial', 'none']) {
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
  const ways = waysOf(architecture);
  const cache = (...args) => attempt('apt-cache', ['-c', conf, ...args]).stdout.toString();
  const find = (prefix, wanted) => ways.list(cache, prefix, wanted).filter((c) => wanted.test(c.package));
  const download = (c) => {
    const folder = join(dir, 'downloads');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const r = attempt('apt-get', ['-c', conf, '-q', ...ways.get, `${c.package}=${c.version}`], {
      cwd: folder,
    });
    const file = readdirSync(folder).find(ways.isIt);
    if (!r.ok || !file) throw new SetupError('download-failed', `${c.package} ${c.version}: ${aptReason(r)}`);
    return join(folder, file);
  };
  return { find, download, drop: () => rmSync(dir, { recursive: true, force: true }) };
};
