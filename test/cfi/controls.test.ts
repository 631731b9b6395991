// Mistakes that frame descriptions have had in shipped code: each is found at its instruction, and its twin is clean.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { control, linked, verdictsOf } from './controls.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-cfi-controls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Mistake, column, and at how many instructions it shows. */
const MISTAKES = [
  ['ebp-save', 'ebp', 3],
  ['offset-hex', 'CFA', 1],
  ['no-signal-frame', 'signal frame', 1],
  ['same-register', 'ebx', 7],
  ['def-for-adjust', 'CFA', 1],
  ['after-ret', 'CFA', 2],
] as const;

describe('a mistake in a frame description', () => {
  it.each(MISTAKES)('%s is found at its instruction and nowhere else', (name, column, count) => {
    const { elf } = control(name, true, folder);
    const [verdict, ...others] = verdictsOf(elf);
    expect(others).toEqual([]);
    const found = verdict?.verdict === 'mismatch' ? verdict.mismatches : [];
    expect(found[0]).toMatchObject({ offset: elf.findSymbol('wrong')?.value, column });
    expect(new Set(found.map(({ offset }) => offset)).size).toBe(count);
  });

  it.each(MISTAKES)('%s: its twin is consistent', (name) => {
    const { elf } = control(name, false, folder);
    expect(verdictsOf(elf).map(({ verdict }) => verdict)).toEqual(['consistent']);
  });

  it.each(MISTAKES)('%s is found in a linked object too, at its virtual address', (name, column) => {
    const { path } = control(name, true, folder);
    const elf = linked(path, join(folder, `${name}.so`));
    const [verdict] = verdictsOf(elf);
    const found = verdict?.verdict === 'mismatch' ? verdict.mismatches : [];
    expect(found[0]).toMatchObject({ offset: elf.findSymbol('wrong')?.value, column });
  });
});
