// KTAP, version 1, as the kernel's own tools parse it (tools/testing/kunit/kunit_parser.py): no YAML, diagnostics before the
// result they belong to, no dash, no escapes; a name is anything but '#' and a newline. SOURCE: Documentation/dev-tools/ktap.rst.
import type { Trial } from '../../check/types.js';
import type { Reporter } from './types.js';
import { findingLine, isBad, outcomeOf, trialName } from './words.js';

export const ktap: Reporter = ({ trials, gaps }) => {
  const lines = trials.flatMap((trial, i) => testLines(trial, i + 1));
  const skipped = gaps.map((gap, i) => `ok ${trials.length + i + 1} not checked # SKIP ${oneLine(gap)}`);
  return `${['KTAP version 1', `1..${trials.length + gaps.length}`, ...lines, ...skipped].join('\n')}\n`;
};

function testLines(trial: Trial, number: number): string[] {
  const { kind, why } = outcomeOf(trial);
  const name = oneLine(trialName(trial.key)).replace(/#/g, '_');
  if (kind === 'skipped') return [`ok ${number} ${name} # SKIP ${oneLine(why)}`];
  const notes = trial.findings.filter(isBad).map((finding) => `# ${oneLine(findingLine(finding))}`);
  return [...notes, `${kind === 'ok' ? 'ok' : 'not ok'} ${number} ${name}`];
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
