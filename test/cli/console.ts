// The console blocks of the documentation: each is a command line that anybody can type, and exactly what it prints.
// In a block only the first line is typed: `$ npx sigsweep …`, possibly with `| head`, `| tail`, `| grep` or `| sed` behind.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { subjectHash } from '../../src/explore/subject.js';
import { findSubject } from '../../src/suite/catalog.js';
import { parseToken } from '../../src/suite/token.js';
import { sigsweep } from './text.js';

export interface ConsoleBlock {
  readonly path: string;
  readonly command: string;
  readonly output: string;
}

const BLOCK = /```console\n\$ (npx sigsweep .*)\n([\s\S]*?)```\n/g;

export function consoleBlocks(path: string): ConsoleBlock[] {
  return [...readFileSync(path, 'utf8').matchAll(BLOCK)].map(([, command = '', output = '']) => ({
    path,
    command,
    output,
  }));
}

/** The command with the hash of the code that is here in place of the one that was written: see docs/replay.md. */
export function current(command: string): string {
  return command.replace(/(\S+\+c\d+\+)[0-9a-f]{8}/, (token, front: string) => {
    const parsed = parseToken(token);
    const found = parsed.ok ? findSubject(parsed.token.id) : parsed;
    return found.ok && 'subject' in found ? `${front}${subjectHash(found.subject)}` : token;
  });
}

/** What the command prints on standard output, and with 2>&1 on standard error. */
export async function outputOf({ command }: ConsoleBlock): Promise<string> {
  const [typed = '', ...filters] = current(command).split(' | ');
  const words = typed.replace('npx sigsweep ', '').replace(' 2>&1', '').split(' ');
  // Workers need the compiled form; the result does not depend on how many there are.
  const argv =
    ['matrix', 'check'].includes(words[0] ?? '') && !words.includes('--list')
      ? [...words, '--jobs', '1']
      : words;
  const shown: Buffer[] = [];
  const show = (data: string | Uint8Array) => void shown.push(Buffer.from(data));
  await sigsweep(argv, typed.endsWith(' 2>&1') ? { out: show, err: show } : { out: show });
  const out = Buffer.concat(shown).toString('utf8');
  if (filters.length === 0) return out;
  return execFileSync('bash', ['-c', filters.join(' | ')], { input: out, encoding: 'utf8' });
}

/** Without what depends on where the compiler put the program: addresses, code bytes and the hash in tokens. */
export function normalised(text: string): string {
  return text
    .replace(/0x[0-9a-f]{6,8}/g, 'ADDRESS')
    .replace(/\b[0-9a-f]{8}\b/g, 'ADDRESS')
    .replace(/\b(?:e8|e9|0f8.|ff35|a1)[0-9a-f]{8}\b/g, 'CODE');
}

/** Writes the outputs of now into a file. */
export function bless(path: string, outputs: ReadonlyMap<string, string>): void {
  const text = readFileSync(path, 'utf8').replace(
    BLOCK,
    (_, command: string, output: string) =>
      `\`\`\`console\n$ ${current(command)}\n${outputs.get(command) ?? output}\`\`\`\n`,
  );
  writeFileSync(path, text);
}
