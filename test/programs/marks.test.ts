// The two languages' lists of marks are one list.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MARKS, mark, role } from '../../src/world/marks.js';

const header = readFileSync('fixtures/programs/marks.h', 'utf8');

/** `MARK_WINDOW_BEGIN` with prefix `MARK_` -> `windowBegin`. */
function camelCase(name: string, prefix: string): string {
  return name
    .slice(prefix.length)
    .toLowerCase()
    .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function defined(prefix: string): Record<string, number> {
  const lines = header.matchAll(/^#define (\w+) (0x[0-9a-f]+|\d+)\b/gm);
  const pairs = [...lines].filter(([, name = '']) => name.startsWith(prefix));
  return Object.fromEntries(pairs.map(([, name = '', value]) => [camelCase(name, prefix), Number(value)]));
}

test('every mark and its number is the same in C and in TypeScript, none more and none less', () => {
  const { first, last, ...marks } = defined('MARK_');
  expect(marks).toEqual(mark);
  expect({ first, last, park: mark.park }).toEqual(MARKS);
});

test('every role is the same in C and in TypeScript', () => {
  expect(defined('ROLE_')).toEqual(role);
});

test('all marks lie between the first and the last number that the kernel model takes for one', () => {
  for (const number of Object.values(mark)) {
    expect(number).toBeGreaterThanOrEqual(MARKS.first);
    expect(number).toBeLessThanOrEqual(MARKS.last);
  }
});
