// Nothing is exported that nobody uses: no other file of src, of the tests and of the benchmarks, nor its own. The compiler
// sees only what is not exported.
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { exportsOf, takenBy } from './exports.js';
import { projectFiles } from './files.js';
import { parse } from './source.js';

/** What the outside loads: the package, its matchers, the command, and what threads load by their file's name. */
const ENTRIES = /^src\/(?:index|vitest|cli\/main)\.ts$|\/worker\.ts$/;

/** Tables for readers: docs/fidelity.md names this one. */
const READ = new Set(['src/native/frame-fields.ts UNCLAIMED']);

function fileOf(text: string): ts.SourceFile {
  return ts.createSourceFile('src/x/file.ts', text, ts.ScriptTarget.ES2023, true);
}

describe('exports', () => {
  it('are each used by somebody', () => {
    const files = projectFiles
      .filter((path) => /^(src|test|bench)\/.*\.ts$/.test(path) && !path.endsWith('.d.ts'))
      .map(parse);
    const taken = new Set([...files.flatMap(takenBy), ...READ]);
    expect(taken.size).toBeGreaterThan(500);
    const sources = files.filter(({ fileName }) => fileName.startsWith('src/') && !ENTRIES.test(fileName));
    const unused = sources
      .filter(({ fileName }) => !taken.has(`${fileName} *`))
      .flatMap((file) =>
        exportsOf(file).filter(({ name, usedHere }) => !usedHere && !taken.has(`${file.fileName} ${name}`)),
      );
    expect(unused.map(({ name, place }) => `${place}: ${name}`)).toEqual([]);
  });

  it('are seen in all their forms, with whether their own file uses them', () => {
    const text =
      'export const a = 1, { b, c: [d] } = a; export function e() { return e(); } export interface F { f: G } export type G = 1; let h;';
    expect(exportsOf(fileOf(text)).map(({ name, usedHere }) => `${name} ${usedHere}`)).toEqual([
      ...['a false', 'b false', 'd false', 'e false', 'F false', 'G true'],
    ]);
    const uses =
      "import { a as b, type C } from './p.js'; import * as d from '../q.js'; export { e } from './p.js'; export * from './r.js';" +
      " type F = import('./s.js').F; const g = import('./t.js'); import './u.js'; import h from 'package';";
    expect(takenBy(fileOf(uses))).toEqual([
      ...['src/x/p.ts a', 'src/x/p.ts C', 'src/q.ts *', 'src/x/p.ts e', 'src/x/r.ts *', 'src/x/s.ts F'],
      'src/x/t.ts *',
    ]);
  });
});
