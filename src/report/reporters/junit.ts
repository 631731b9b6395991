// JUnit's XML as CI servers read it: a test case a trial, a suite for each kind of code.
// SOURCE: the schema of Jenkins' xunit plugin (junit-10.xsd), in the subset that GitLab documents.
import type { Trial } from '../../check/types.js';
import type { Reporter } from './types.js';
import { findingLine, isBad, outcomeOf } from './words.js';

export const junit: Reporter = ({ what, trials, gaps }) => {
  const suites = new Map<string, Trial[]>();
  for (const trial of trials) suites.set(trial.key.code, [...(suites.get(trial.key.code) ?? []), trial]);
  const missing = gaps.map(
    (gap) =>
      `    <testcase classname="not checked" name="${xml(gap)}"><skipped message="${xml(gap)}"/></testcase>`,
  );
  const count = (kind: string, of: readonly Trial[]) =>
    of.filter((trial) => outcomeOf(trial).kind === kind).length;
  const counts = (of: readonly Trial[], more: number) =>
    `tests="${of.length + more}" failures="${count('failed', of)}" errors="0"`;
  // Only a suite has a count of these.
  const head = (of: readonly Trial[], more: number) =>
    `${counts(of, more)} skipped="${count('skipped', of) + more}"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(what)}" ${counts(trials, gaps.length)}>`,
    ...[...suites].flatMap(([code, of]) => [
      `  <testsuite name="${xml(code)}" ${head(of, 0)}>`,
      ...of.map(caseText),
      '  </testsuite>',
    ]),
    ...(gaps.length === 0
      ? []
      : [`  <testsuite name="not checked" ${head([], gaps.length)}>`, ...missing, '  </testsuite>']),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
};

function caseText(trial: Trial): string {
  const { key, findings } = trial;
  const { kind, why } = outcomeOf(trial);
  const open = `    <testcase classname="${xml(`${key.code}.${key.entry}`)}" name="${xml(key.scenario)}"`;
  if (kind === 'ok') return `${open}/>`;
  if (kind === 'skipped') return `${open}><skipped message="${xml(why)}"/></testcase>`;
  const bad = findings.filter(isBad);
  const types = [...new Set(bad.map(({ rule }) => rule))].join(' ');
  const told = bad.flatMap((one) => [
    findingLine(one),
    ...(one.story?.timeline ?? []).map((line) => `  ${line}`),
  ]);
  return `${open}><failure type="${xml(types)}" message="${xml(why.slice(0, 500))}">${xml(told.join('\n'))}</failure></testcase>`;
}

/** For text and attributes; what XML 1.0 cannot hold at all becomes a question mark. */
export function xml(text: string): string {
  return (
    text
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/"/g, '&quot;')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
  );
}
