// The generated part of docs/findings.md is that of the golden matrix. `npm run bless` writes it anew.
import { expect, it } from 'vitest';
import { findingsMarkdown, findingsPart } from './findings.js';
import { blessing, GoldenFile } from './golden.js';

it.skipIf(blessing)('docs/findings.md has the table of the golden matrix', () => {
  expect(findingsPart()).toBe(findingsMarkdown(new GoldenFile('matrix').expected));
});
