// The checks of the house rules, on sources that break them: a check that finds nothing anywhere would prove nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { forbidden, functionLengths, parse, relativeImports } from './source.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-tidy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function source(text: string): ReturnType<typeof parse> {
  const path = join(folder, 'x.ts');
  writeFileSync(path, text);
  return parse(path);
}

const found = (text: string): string[] =>
  forbidden(source(text)).map((line) => line.replace(/^.*x\.ts:/, ''));

describe('the checks', () => {
  it('find default exports, any and the non-null operator with their lines', () => {
    expect(found('export default 1;')).toEqual(['1: default export']);
    expect(found('\nexport default function f() {}')).toEqual(['2: default export']);
    expect(found('const a = 1; export { a as default };')).toEqual(['1: default export']);
    expect(found('let a: any; a!.b;')).toEqual(['1: any', '1: non-null !']);
  });

  it('let switch defaults, negations and the word in comments pass', () => {
    expect(found('// any!\nswitch (1) { default: }\nconst b = !1 as unknown;')).toEqual([]);
  });

  it('tell imports of types from imports of values', () => {
    const text = [
      "import type { A } from '../a/x.js';",
      "import { type B, type C } from '../b/x.js';",
      "import { type D, d } from '../c/x.js';",
      "export type { E } from '../d/x.js';",
      "await import('../e/x.js');",
      "let f: import('../f/x.js').F;",
      "import fs from 'node:fs';",
    ].join('\n');
    const rows = relativeImports(source(text)).map(({ path, typeOnly }) => [
      path.split('/').at(-2),
      typeOnly,
    ]);
    expect(rows).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
      ['d', true],
      ['e', false],
      ['f', true],
    ]);
  });

  it('measure functions of all kinds from first to last line', () => {
    const lengths = functionLengths(source('const a = () => {\n\n};\nclass C {\n  m() {\n  }\n}\n'));
    expect(lengths.map(({ lines }) => lines)).toEqual([3, 2]);
  });
});
