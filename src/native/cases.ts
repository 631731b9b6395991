/**
 * What to do with a program, told by itself: its symbols `cases` and `free_cases` hold lines of "ARGUMENTS:SIGNALS;SIGNALS…"
 * (fixtures/programs/points/points.h). A program without them is run once, without arguments and signals.
 */
import { bytesAt, type ElfFile } from '../elf/index.js';
import { isLater, type Post, parsePosts } from './points.js';

export interface Case {
  readonly args: readonly string[];
  readonly signals: readonly (readonly Post[])[];
  /** Without steps (free.ts). */
  readonly free: boolean;
}

export type CasesResult =
  | { readonly ok: true; readonly cases: readonly Case[] }
  | { readonly ok: false; readonly reason: string };

export function casesOf(program: ElfFile): CasesResult {
  const stepped = readCases(program, 'cases', false);
  const free = readCases(program, 'free_cases', true);
  if (!stepped.ok) return stepped;
  if (!free.ok) return free;
  const cases = [...stepped.cases, ...free.cases];
  return { ok: true, cases: cases.length > 0 ? cases : [{ args: [], signals: [], free: false }] };
}

function readCases(program: ElfFile, name: string, free: boolean): CasesResult {
  const symbol = program.findSymbol(name);
  if (symbol === undefined) return { ok: true, cases: [] };
  const bytes = bytesAt(program, symbol.value, symbol.size);
  if (bytes === undefined)
    return { ok: false, reason: `${program.name}: its symbol ${name} is not in the file` };
  const text = Buffer.from(bytes).toString('latin1').replace(/\0.*$/s, '');
  const cases: Case[] = [];
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const [words = '', signals = ''] = line.split(':');
    const texts = signals.split(';').filter(Boolean);
    const posts = texts.flatMap((text) => {
      const parsed = parsePosts(text);
      return parsed === null || (free && parsed.some(isLater)) ? [] : [parsed];
    });
    if (posts.length < texts.length) {
      return {
        ok: false,
        reason: `${program.name}: its symbol ${name} has "${line}", which is no ARGUMENTS:SIGNALS`,
      };
    }
    cases.push({ args: words.split(' ').filter(Boolean), signals: posts, free });
  }
  return { ok: true, cases };
}
