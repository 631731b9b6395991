import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesBelow, hashFiles, hashOf, readStamp, sha256, writeStamp } from '../../scripts/lib/stamp.mjs';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sigsweep-test-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('parts do not run into each other', () => {
  expect(hashOf('ab', 'c')).not.toBe(hashOf('a', 'bc'));
  expect(hashOf('ab')).not.toBe(hashOf('ab', ''));
});

test('sha256 is what sha256sum prints', () => {
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('files come sorted, filtered and from sub-folders; a missing folder has none', () => {
  mkdirSync(join(dir, 'b'));
  for (const f of ['z.c', 'b/a.c', 'a.h']) writeFileSync(join(dir, f), f);
  expect(filesBelow(dir, (n) => n.endsWith('.c'))).toEqual([join(dir, 'b/a.c'), join(dir, 'z.c')]);
  expect(filesBelow(join(dir, 'none'))).toEqual([]);
});

test('the hash of files changes with a name and with a byte, not with the folder they are in', () => {
  const make = (folder: string, name: string, text: string) => {
    mkdirSync(join(dir, folder));
    writeFileSync(join(dir, folder, name), text);
    return hashFiles(join(dir, folder), filesBelow(join(dir, folder)));
  };
  const first = make('1', 'a', 'x');
  expect(make('2', 'a', 'x')).toBe(first);
  expect(make('3', 'b', 'x')).not.toBe(first);
  expect(make('4', 'a', 'y')).not.toBe(first);
});

test('a stamp reads back; none is undefined', () => {
  const file = join(dir, 'deep/er/stamp');
  expect(readStamp(file)).toBeUndefined();
  writeStamp(file, 'abc');
  expect(readStamp(file)).toBe('abc');
});
