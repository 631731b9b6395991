// Judge: ar (GNU binutils) makes the archives and lists them.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseArchive, parseElf } from '../../src/elf/index.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-ar-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CONTENTS = new Map([
  ['odd.o', 'odd'],
  ['a_name_too_long_for_its_field.o', 'long names go into a table'],
  ['another_name_too_long_for_it.o', ''],
  ['even.o', 'even'],
]);
const archive = join(folder, 'lib.a');
for (const [name, content] of CONTENTS) writeFileSync(join(folder, name), content);
execaSync('ar', ['rcD', archive, ...[...CONTENTS.keys()].map((name) => join(folder, name))]);
const bytes = new Uint8Array(readFileSync(archive));

const answer = (input: Uint8Array): string => {
  const parsed = parseArchive(input, 'lib.a');
  return parsed.ok ? `${parsed.members.length} members` : `${parsed.error.code}: ${parsed.error.message}`;
};

describe('parseArchive', () => {
  it('gives every member with its name, long ones too, and its content', () => {
    const parsed = parseArchive(bytes, 'lib.a');
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(new Map(parsed.members.map((m) => [m.name, Buffer.from(m.bytes).toString()]))).toEqual(CONTENTS);
  });

  const libc = 'fixtures/cache/libc/musl-1.2.3/lib/libc.a';
  it.skipIf(!existsSync(libc))("lists musl's libc.a as ar does, and every member is an i386 object", () => {
    const parsed = parseArchive(new Uint8Array(readFileSync(libc)), libc);
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(parsed.members.map((m) => m.name)).toEqual(execaSync('ar', ['t', libc]).stdout.split('\n'));
    const bad = parsed.members.filter((m) => !parseElf(m.bytes, m.name).ok).map((m) => m.name);
    expect(bad).toEqual([]);
  });

  it("refuses what is no archive, and a truncated one with the member's offset", () => {
    expect(answer(Buffer.from('!<arc'))).toMatch(/^malformed: lib\.a is not an ar archive/);
    expect(answer(bytes.subarray(0, 30))).toMatch(/^truncated: lib\.a: archive member at offset 0x8/);
    expect(answer(bytes.subarray(0, -2))).toMatch(/^truncated: /);
  });

  it('answers whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
        const copy = bytes.slice();
        for (const [at, value] of changes) copy[at % copy.length] = value;
        answer(copy);
      }),
      { numRuns: 1000 },
    );
  });
});
