// The machine's own apt sources, and the same archive asked for another suite. Formats: sources.list(5), one-line and
// deb822. Nothing here knows an archive's address: it is taken from the machine.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** @typedef {{ uris: string[], suites: string[], components: string[], options: Record<string, string>, file: string }} Source */

const codenames =
  'buster|bullseye|bookworm|trixie|forky|duke|sid|unstable|testing|stable|oldstable|oldoldstable';
const debianSuite = new RegExp(`^(${codenames})(-updates|-backports)?/?$`);

/** @param {string} text @param {string} file @returns {Source[]} the enabled `deb` lines */
export const parseOneLine = (text, file) =>
  text.split('\n').flatMap((raw) => {
    const line = raw.replace(/#.*/, '').trim();
    const m = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$/.exec(line);
    if (!m) return [];
    const options = Object.fromEntries(
      (m[1] ?? '')
        .trim()
        .split(/\s+/)
        .filter((o) => o.includes('='))
        .map((o) => [o.slice(0, o.indexOf('=')).toLowerCase(), o.slice(o.indexOf('=') + 1)]),
    );
    return [{ uris: [m[2]], suites: [m[3]], components: m[4].split(/\s+/).filter(Boolean), options, file }];
  });

/** One deb822 paragraph -> fields, lower-case names; continuation lines keep their newline. */
const fieldsOf = (paragraph) => {
  /** @type {Record<string, string>} */
  const fields = {};
  let last = '';
  for (const line of paragraph.split('\n')) {
    if (line.startsWith('#')) continue;
    const m = /^([A-Za-z0-9-]+):\s*(.*)$/.exec(line);
    if (m) {
      last = m[1].toLowerCase();
      fields[last] = m[2].trim();
    } else if (last && /^\s/.test(line)) fields[last] += `\n${line.trimEnd()}`;
  }
  return fields;
};

/** @param {string} text @param {string} file @returns {Source[]} the enabled paragraphs that have type deb */
export const parseDeb822 = (text, file) =>
  text.split(/\n(?:[ \t]*\n)+/).flatMap((paragraph) => {
    const f = fieldsOf(paragraph);
    const words = (name) => (f[name] ?? '').split(/\s+/).filter(Boolean);
    if (!words('types').includes('deb') || /^(no|false|0)$/i.test(f.enabled ?? '')) return [];
    const options = Object.fromEntries(
      ['signed-by', 'trusted', 'check-valid-until'].filter((n) => f[n]).map((n) => [n, f[n]]),
    );
    return [{ uris: words('uris'), suites: words('suites'), components: words('components'), options, file }];
  });

/** Higher = more surely Debian's own archive and not a third party that uses Debian's suite names. 0 = not Debian. */
const likelihood = (source) => {
  if (!source.components.includes('main') || !source.suites.some((s) => debianSuite.test(s))) return 0;
  const name = basename(source.file);
  return (
    1 +
    (name === 'debian.sources' || name === 'sources.list' ? 4 : 0) +
    ((source.options['signed-by'] ?? '').includes('debian-archive') ? 4 : 0) +
    (source.uris.some((u) => /\/debian\/?$/.test(u)) ? 2 : 0) +
    (source.suites.some((s) => /^[a-z]+$/.test(s)) ? 1 : 0)
  );
};

/** @param {readonly Source[]} sources @returns {Source | undefined} the one that is Debian's main archive */
export const mainArchive = (sources) =>
  sources
    .filter((s) => likelihood(s) > 0)
    .sort((a, b) => likelihood(b) - likelihood(a))
    .at(0);

/** A deb822 file for one suite and one architecture, or `source`, of the same archive, keys kept. @returns {string} */
export const sourceFor = (source, suite, architecture) =>
  [
    architecture === 'source' ? 'Types: deb-src' : 'Types: deb',
    `URIs: ${source.uris.join(' ')}`,
    `Suites: ${suite}`,
    'Components: main',
    ...(architecture === 'source' ? [] : [`Architectures: ${architecture}`]),
    ...Object.entries(source.options)
      .filter(([name]) => name === 'signed-by' || name === 'trusted' || name === 'check-valid-until')
      .map(([name, value]) => `${name}: ${value}`),
    '',
  ].join('\n');

/** @param {string} [etc] apt's folder @returns {Source[]} every enabled source; `.disabled` and the like are not read, as apt does */
export const machineSources = (etc = '/etc/apt') => {
  const parts = join(etc, 'sources.list.d');
  const listed = existsSync(parts) ? readdirSync(parts).sort() : [];
  const files = [join(etc, 'sources.list'), ...listed.map((n) => join(parts, n))].filter((f) =>
    existsSync(f),
  );
  return files.flatMap((file) => {
    if (file.endsWith('.sources')) return parseDeb822(readFileSync(file, 'utf8'), file);
    return file.endsWith('.list') ? parseOneLine(readFileSync(file, 'utf8'), file) : [];
  });
};
