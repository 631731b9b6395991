// Test Anything Protocol, version 13: a test a trial, with what was found in a YAML block behind it.
// SOURCE: testanything.org, "TAP 13 specification".
import type { ComparedFinding, Trial } from '../../check/types.js';
import type { Reporter } from './types.js';
import { outcomeOf, trialName } from './words.js';

export const tap: Reporter = ({ trials, gaps }) => {
  const lines = trials.flatMap((trial, i) => testLines(trial, i + 1));
  const total = trials.length + gaps.length;
  const skipped = gaps.map((gap, i) => `ok ${trials.length + i + 1} - not checked # SKIP ${escaped(gap)}`);
  return `${['TAP version 13', `1..${total}`, ...lines, ...skipped].join('\n')}\n`;
};

/** '#' would begin a directive. */
export function escaped(text: string): string {
  return text.replace(/[\\#]/g, '\\$&').replace(/\n/g, ' ');
}

function testLines(trial: Trial, number: number): string[] {
  const { kind, why } = outcomeOf(trial);
  const name = escaped(trialName(trial.key));
  if (kind === 'skipped') return [`ok ${number} - ${name} # SKIP ${escaped(why)}`];
  const head = `${kind === 'ok' ? 'ok' : 'not ok'} ${number} - ${name}`;
  const told = trial.findings.filter(({ status }) => status !== 'unchanged');
  if (told.length === 0) return [head];
  return [head, '  ---', '  findings:', ...told.flatMap(findingLines), '  ...'];
}

function findingLines({ rule, status, where, detail, instruction, fingerprint }: ComparedFinding): string[] {
  const fields = Object.entries({ rule, status, where, detail, instruction, fingerprint });
  return fields.map(([name, value], i) => `    ${i === 0 ? '- ' : '  '}${name}: ${JSON.stringify(value)}`);
}
