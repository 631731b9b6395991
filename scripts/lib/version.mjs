// Debian version order, deb-version(7): epoch, then upstream version, then revision; '~' sorts before everything, letters
// before other characters, digits as numbers.

const split = (version) => {
  const epoch = /^(\d+):/.exec(version);
  const rest = epoch ? version.slice(epoch[0].length) : version;
  const dash = rest.lastIndexOf('-');
  return [
    epoch ? epoch[1] : '0',
    dash < 0 ? rest : rest.slice(0, dash),
    dash < 0 ? '' : rest.slice(dash + 1),
  ];
};

/** Order of one character of a non-digit run; the end of the run sorts after '~' and before the rest. */
const weight = (c) => {
  if (c === undefined) return 0;
  if (c === '~') return -1;
  return /[A-Za-z]/.test(c) ? c.charCodeAt(0) : c.charCodeAt(0) + 256;
};

const compareRuns = (a, b) => {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const d = weight(a[i]) - weight(b[i]);
    if (d !== 0) return d;
  }
  return 0;
};

const comparePart = (a, b) => {
  const [x, y] = [a, b].map((s) => s.match(/\d+|\D+/g) ?? []);
  // A part alternates text and number and starts with a (possibly empty) text.
  for (const run of [x, y]) if (/^\d/.test(run[0] ?? '')) run.unshift('');
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [p, q] = [x[i] ?? '', y[i] ?? ''];
    const d = i % 2 === 0 ? compareRuns(p, q) : Number(p || 0) - Number(q || 0);
    if (d !== 0) return d;
  }
  return 0;
};

/** @param {string} a @param {string} b @returns {number} < 0 when a is older */
export const compareVersions = (a, b) => {
  const [x, y] = [split(a), split(b)];
  for (let i = 0; i < 3; i++) {
    const d = comparePart(x[i], y[i]);
    if (d !== 0) return Math.sign(d);
  }
  return 0;
};
