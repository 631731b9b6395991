// The documentation says what is so: its commands print what it quotes, its tables are the code's, its links lead somewhere.
// `npm run docs` writes outputs and tables anew.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { probeMachine } from '../../src/native/probe.js';
import { whyNot } from '../conformance/setup.js';
import { bless, consoleBlocks, normalised, outputOf } from './console.js';
import { tablesMarkdown } from './tables.js';
import { sigsweep } from './text.js';

/** conform needs a machine that can be compared with: elsewhere its page is not held to its output. */
const comparable = whyNot() === null && probeMachine().ok;
const COMMANDS = [
  ...['matrix', 'check', 'sweep', 'pairs', 'replay', 'run', 'vdso', 'doctor'],
  ...(comparable ? ['conform'] : []),
];
const PAGES = [
  ...['README.md', 'docs/exit-codes.md', 'docs/design-of-the-model.md', 'docs/scenarios-and-rules.md'],
  ...['docs/ci.md', 'docs/scale.md', 'docs/api.md'],
  ...COMMANDS.map((command) => `docs/${command}.md`),
];
const TABLES = 'docs/scenarios-and-rules.md';
const blessing = process.env['SIGSWEEP_BLESS'] === '1';

describe('the documentation', () => {
  if (blessing) writeFileSync(TABLES, tablesMarkdown());

  it('has the tables of the code', () => {
    expect(readFileSync(TABLES, 'utf8')).toBe(tablesMarkdown());
  });

  it.each(PAGES.map((path) => [path]))('%s quotes what its commands print', async (path) => {
    const outputs = new Map<string, string>();
    for (const block of consoleBlocks(path)) outputs.set(block.command, await outputOf(block));
    if (blessing) bless(path, outputs);
    for (const { command, output } of consoleBlocks(path)) {
      expect(outputs.get(command)).not.toBe('');
      expect(`$ ${command}\n${normalised(output)}`).toBe(
        `$ ${command}\n${normalised(outputs.get(command) ?? '')}`,
      );
    }
  });

  it('quotes at least one real output for each command that needs no terminal', () => {
    const quoted = PAGES.flatMap(consoleBlocks).map(({ command }) => command.split(' ')[2]);
    for (const command of ['matrix', 'sweep', 'replay', 'run', 'vdso']) expect(quoted).toContain(command);
  });

  it('names every option of every command on its page', async () => {
    for (const command of COMMANDS) {
      const { out } = await sigsweep([command, '-h']);
      const options = [...out.matchAll(/^ {2}(?:-\w, )?(--[a-z][a-z-]+)/gm)].map(([, option = '']) => option);
      const page = readFileSync(`docs/${command}.md`, 'utf8');
      expect(options.filter((option) => option !== '--help' && !page.includes(option))).toEqual([]);
    }
  });

  it('links to files that are there', () => {
    const dead = PAGES.filter((path) => path !== TABLES).flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].flatMap(([, target = '']) =>
        existsSync(join(dirname(path), target)) ? [] : [`${path}: ${target}`],
      ),
    );
    expect(dead).toEqual([]);
  });
});
