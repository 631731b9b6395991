// KTAP, version 1, as the kernel's own tools parse it (tools/testing/kunit/kunit_parser.py): no YAML, diagnostics before the
// result they belong to, no dash. SOURCE: Documentation/dev-tools/ktap.rst.
import type { Trial } from '../../check/types.js';
import { escaped } from './tap.js';
import type { Reporter } from './types.js';
import { findingLine, isBad, outcomeOf, trialName } from './words.js';

export const ktap: Reporter = ({ trials, gaps }) => {
  const lines = trials.flatMap((trial, i) => testLines(trial, i + 1));
  const skipped = gaps.map((gap, i) => `ok ${trials.length + i + 1} not checked # SKIP ${escaped(gap)}`);
  return `${['KTAP version 1', `1..${trials.length + gaps.length}`, ...lines, ...skipped].join('\n')}\n`;
};

function testLines(trial: Trial, number: number): string[] {
  const { kind, why } = outcomeOf(trial);
  const name = escaped(trialName(trial.key));
  if (kind === 'skipped') return [`ok ${number} ${name} # SKIP ${escaped(why)}`];
  const notes = trial.findings.filter(isBad).map((finding) => `# ${escaped(findingLine(finding))}`);
  return [...notes, `${kind === 'ok' ? 'ok' : 'not ok'} ${number} ${name}`];
}
