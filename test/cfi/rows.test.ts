// Our reading of frame information against readelf's, row for row, on every i386 object set-up has fetched or built.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFileFrames } from '../../src/cfi/index.js';
import { parseArchive, parseElf } from '../../src/elf/index.js';
import { judgedFrames, ownFrames } from './readelf.js';

const LIBC = 'fixtures/cache/libc';
const VDSO = 'fixtures/cache/vdso';
const everything = process.env['SIGSWEEP_ALL'] === '1';
const PROGRAMS = 'fixtures/cache/programs';

function filesUnder(folder: string, wanted: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && wanted.test(join(entry.parentPath, entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Name of a member ('' for a plain file) and its bytes. */
function objectsOf(path: string): { readonly name: string; readonly bytes: Uint8Array }[] {
  const bytes = new Uint8Array(readFileSync(path));
  const archive = parseArchive(bytes, path);
  return archive.ok ? [...archive.members] : [{ name: '', bytes }];
}

function ownListings(path: string): Map<string, string[]> {
  const listings = new Map<string, string[]>();
  for (const { name, bytes } of objectsOf(path)) {
    const parsed = parseElf(bytes, `${path}(${name})`);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const frames = readFileFrames(parsed.elf);
    expect(frames.problems, `${path}(${name})`).toEqual([]);
    listings.set(name, [...(listings.get(name) ?? []), ...ownFrames(frames)]);
  }
  return listings;
}

/** Compares all members and returns how many rows there were. */
function compare(path: string): number {
  const judged = judgedFrames(path);
  let rows = 0;
  for (const [name, lines] of ownListings(path)) {
    expect(lines, `${path}(${name})`).toEqual(judged.get(name) ?? []);
    rows += lines.filter((line) => !/ (?:CIE|FDE) |_frame$/.test(line)).length;
  }
  return rows;
}

describe('frame tables equal those of readelf', () => {
  const objects = filesUnder(LIBC, /\.[ao]$/);
  const total = { rows: 0 };

  it.runIf(objects.length > 0).each(objects)('%s', (path) => {
    total.rows += compare(path);
  });

  it.runIf(objects.length > 0)('on more than 100000 rows of the C libraries', () => {
    expect(total.rows).toBeGreaterThan(100_000);
  });

  it.each(filesUnder(VDSO, /\.so$/))('%s', (path) => {
    expect(compare(path)).toBeGreaterThan(10);
  });

  // The statically linked programs are the same libraries again; two a library show the linked form.
  const programs = filesUnder(PROGRAMS, everything ? /./ : /compat\/[^.]+$/);
  it.each(programs.filter((path) => !/\.json$|\.stamps|\.tmp$/.test(path)))('%s', (path) => {
    expect(compare(path)).toBeGreaterThanOrEqual(0);
  });
});
