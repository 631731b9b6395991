// docs/scenarios-and-rules.md, from the tables that the code itself uses.
import { readFileSync } from 'node:fs';
import { CONTROLS, DESIGNS, PREEMPTION_CONTROLS } from '../../src/design/designs.js';
import type { LibcRange } from '../../src/design/types.js';
import { type Reach, SCENARIOS } from '../../src/explore/scenarios.js';
import { RULES } from '../../src/rules/judge.js';

const REACHES: Readonly<Record<Reach, string>> = {
  sleep: 'the call sleeps',
  wake: 'it is woken',
  consumed: 'something is taken (bytes, a token)',
  produced: 'something is given',
  descriptor: 'a descriptor is made',
  end: 'the result reaches the program',
  disabled: 'cancellation is disabled',
  async: 'cancellation is asynchronous',
  acted: 'it acts on a cancellation without main’s',
  'no-point': 'no cancellation point is called any more',
  handler: 'a signal handler runs',
  spawned: 'a process is made',
};

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function range({ name, from, before }: LibcRange): string {
  return `${name}${from === undefined ? '' : ` from ${from} on`}${before === undefined ? '' : ` before ${before}`}`;
}

const firstComment = (path: string) =>
  /^\/\*\s*([\s\S]*?)\s*\*\//.exec(readFileSync(path, 'utf8'))?.[1]?.replace(/\s*\n \* ?/g, ' ') ?? '';

export function tablesMarkdown(): string {
  return [
    '# Scenarios, designs and rules',
    '',
    '<!-- Written by "npm run docs" from src/explore/scenarios.ts, src/design/designs.ts and src/rules: change those. -->',
    '',
    '## Scenarios',
    '',
    'Each is a C program in `fixtures/programs/cancel`, compiled against the real library. It counts only when the run',
    'without a cancellation has shown what the third column says; otherwise its cell is `incomplete`, never a pass.',
    '',
    table(
      ['id', 'what the thread is doing when it is cancelled', 'must have been reached'],
      SCENARIOS.map(({ id, title, reaches }) => [
        `[\`${id}\`](../fixtures/programs/cancel/${id}.c)`,
        firstComment(`fixtures/programs/cancel/${id}.c`) || title,
        reaches.map((reach) => REACHES[reach]).join('; ') || '(nothing: it is cancelled before)',
      ]),
    ),
    '',
    '## Designs',
    '',
    'A design is user code laid over the program; without a folder it is the library as shipped.',
    '',
    table(
      ['id', 'what it does', 'for', 'code'],
      DESIGNS.map(({ id, title, libc, folder }) => [
        `\`${id}\``,
        title,
        range(libc),
        folder === null ? 'the library’s own' : `[${folder}](../${folder}/README.md)`,
      ]),
    ),
    '',
    '## Rules',
    '',
    'Every run is judged by every rule. A run in which something was not modelled is `inconclusive`, whatever else it shows.',
    '',
    table(
      ['id', 'statement', 'why'],
      RULES.map(({ id, statement, reason }) => [`\`${id}\``, statement, reason]),
    ),
    '',
    '## Designs that are wrong on purpose',
    '',
    'At least one for each rule, run by the tests: a rule that nothing can break proves nothing.',
    '',
    table(
      ['id', 'what is wrong', 'rule it breaks', 'in scenario'],
      [...CONTROLS, ...PREEMPTION_CONTROLS].map((one) => [
        `[\`${one.id}\`](../${one.folder}/README.md)`,
        one.title,
        `\`${one.breaks.rule}\``,
        `\`${one.breaks.scenario}\`${PREEMPTION_CONTROLS.includes(one) ? ', with `pairs --canceller`' : ''}`,
      ]),
    ),
    '',
  ].join('\n');
}
