// The house rules that neither the compiler nor the linter holds. A failure lists every place.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { linesOf, projectFiles } from './files.js';
import { forbidden, functionLengths, parse, relativeImports } from './source.js';

const FILE_LINES_MAX = 300;
const FILE_LINES_MEDIAN_MAX = 80;
const FUNCTION_LINES_MAX = 70;

/**
 * What each folder of src may import, besides itself: a folder 'x', only its types 'x (types)', or one module of it
 * 'x/y'. No way leads back: what runs code knows nothing of rules, reports and commands.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[] | 'all'>> = {
  elf: [],
  asm: [],
  cpu: [],
  vdso: ['elf', 'asm'],
  cfi: ['elf', 'asm'],
  kernel: ['cpu (types)'],
  world: ['cpu', 'kernel', 'elf', 'vdso'],
  native: ['elf', 'vdso', 'cpu', 'kernel', 'world'],
  design: ['elf', 'asm', 'vdso', 'world'],
  explore: [
    'world',
    'design',
    'cfi',
    ...types('cpu', 'kernel', 'elf', 'vdso'),
    'kernel/kernel',
    'kernel/mm/types',
  ],
  rules: [
    ...[
      'world/marks',
      'kernel/abi/errno',
      'kernel/abi/signals',
      'kernel/proposals/abi',
      'kernel/syscalls/table',
    ],
    ...types('world', 'kernel'),
  ],
  suite: ['elf', 'asm', 'vdso', 'cfi', 'cpu', 'kernel', 'world', 'design', 'explore', 'rules'],
  check: [
    ...['elf', 'asm', 'vdso', 'cfi', 'design', 'explore', 'rules', 'suite', 'world'],
    // A story is told in the words of every other report.
    ...['report/trace-text', 'report/cell-text'],
  ],
  fuzz: [
    'elf',
    'asm',
    'vdso',
    'cfi',
    'cpu',
    'kernel',
    'world',
    'native',
    'design',
    'explore',
    'rules',
    'suite',
  ],
  mutants: [
    'elf',
    'asm',
    'vdso',
    'design',
    'explore',
    'rules',
    'suite',
    'native',
    'fuzz',
    'check/frames-side',
  ],
  report: [
    ...types('check', 'suite', 'explore', 'rules', 'kernel', 'native', 'cfi', 'fuzz'),
    // Names, the accounts that a verdict rests on, and the tokens that findings print.
    ...['suite/types', 'suite/token', 'check/compare', 'rules/no-lost-effect', 'world/marks'],
    ...['kernel/abi/errno', 'kernel/abi/signals', 'kernel/syscalls/table'],
  ],
  cli: 'all',
};

function types(...folders: readonly string[]): string[] {
  return folders.map((folder) => `${folder} (types)`);
}

const typescript = projectFiles.filter((path) => /^(src|test|bench)\/.*\.ts$/.test(path));
const sources = typescript.filter((path) => path.startsWith('src/') && !path.endsWith('.d.ts'));
const folderOf = (path: string): string => /^src\/([^/]+)\//.exec(path)?.[1] ?? '';

function forbiddenImports(path: string): string[] {
  const from = folderOf(path);
  const allowed = from === '' ? 'all' : MAY_IMPORT[from];
  if (allowed === undefined) return [`${path}: folder ${from} is not in the table of imports`];
  if (allowed === 'all') return [];
  return relativeImports(parse(path)).flatMap((imported) => {
    const to = folderOf(imported.path);
    // Set-up's scripts are plain modules that src may share code with (src/vdso/carve.ts does).
    if (to === from || imported.path.startsWith('scripts/')) return [];
    const module = imported.path.replace(/^src\//, '');
    if (allowed.includes(to) || allowed.includes(module)) return [];
    if (imported.typeOnly && allowed.includes(`${to} (types)`)) return [];
    return [`${path}:${imported.line}: ${from} must not import ${imported.path}`];
  });
}

/** A comment before anything else, or before the first statement that is no import; a rule has its statement. */
function isExplained(text: string): boolean {
  const code = text.replace(/^#!.*\n/, '').trimStart();
  const behindImports = code.replace(/^(?:(?:import|export \*)[^;]*;\s*)*/, '');
  return [code, behindImports].some((from) => /^(?:\/[/*]|export const \w+: Rule = )/.test(from));
}

/** 'path:line: text' for each line of the project's files that matches. */
function linesWith(pattern: RegExp, except: readonly string[] = []): string[] {
  return projectFiles
    .filter((path) => !except.includes(path))
    .flatMap((path) =>
      linesOf(path).flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : [])),
    );
}

describe('the house', () => {
  it('is looked at as a whole', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(projectFiles).toContain('test/tidy/tidy.test.ts');
  });

  it('keeps the direction of imports between the folders of src', () => {
    expect(sources.flatMap(forbiddenImports)).toEqual([]);
  });

  it(`has no source file over ${FILE_LINES_MAX} lines, and half of them within ${FILE_LINES_MEDIAN_MAX}`, () => {
    const lengths = sources.map((path) => ({ path, lines: linesOf(path).length }));
    const long = lengths.filter(({ lines }) => lines > FILE_LINES_MAX);
    expect(long).toEqual([]);
    const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(FILE_LINES_MEDIAN_MAX);
  });

  it(`has no function over ${FUNCTION_LINES_MAX} lines`, () => {
    const long = sources.flatMap((path) =>
      functionLengths(parse(path)).filter((f) => f.lines > FUNCTION_LINES_MAX),
    );
    expect(long).toEqual([]);
  });

  it('says of every source file what it is: in its first line, or where its imports end', () => {
    expect(sources.filter((path) => !isExplained(readFileSync(path, 'utf8')))).toEqual([]);
  });

  it('has no default export, no any and no non-null operator', () => {
    expect(typescript.flatMap((path) => forbidden(parse(path)))).toEqual([]);
  });

  it('leaves nothing to be done later', () => {
    // Spelled so that this file does not find itself; a sweep's gutter has three of the letter and a dot.
    expect(linesWith(/\b(?:TO[D]O|FIX[M]E|X[X]X(?!\.))\b/)).toEqual([]);
  });

  it('names no registry or archive host', () => {
    const hosts =
      /(?:registry\.[a-z]|npm[j]s\.|[d]eb\.debian\.|[s]napshot\.debian\.|[a]rchive\.ubuntu\.|"resolv[e]d":)/;
    expect(linesWith(hosts)).toEqual([]);
  });

  it('names no path of a machine it was made on', () => {
    expect(linesWith(/(?:^|[\s'"`=(:[])\/(?:root|work|tmp|home)\/\w/)).toEqual([]);
  });

  it('has no binary in the tree', () => {
    expect(projectFiles.filter((path) => readFileSync(path).includes(0))).toEqual([]);
  });

  it('explains every design and control', () => {
    const folders = new Set(
      projectFiles.flatMap((path) => /^asm\/(?:designs|controls)\/[^/]+(?=\/)/.exec(path)?.[0] ?? []),
    );
    expect([...folders].filter((folder) => !projectFiles.includes(`${folder}/README.md`))).toEqual([]);
  });
});
