// What needs no process: the words of a program's cases, points, and the flags an instruction leaves undefined.
import { describe, expect, test } from 'vitest';
import { parseElf } from '../../src/elf/index.js';
import { launcherExecutable, probeExecutable } from '../../src/native/launcher.js';
import { formatPosts, parsePosts } from '../../src/native/points.js';
import { undefinedFlags } from '../../src/native/undefined-flags.js';

describe('signals to post', () => {
  test('are numbers joined by +, p for the process', () => {
    expect(parsePosts('10+p34')).toEqual([
      { sig: 10, to: 'thread' },
      { sig: 34, to: 'process' },
    ]);
  });

  test('are later ones behind a comma', () => {
    expect(parsePosts('10,p12')).toEqual([
      { sig: 10, to: 'thread' },
      { sig: 12, to: 'process', later: true },
    ]);
  });

  test.each(['10+p34', 'p1', '64', '10+p34,12+1'])('%s is written as it is read', (text) => {
    expect(formatPosts(parsePosts(text) ?? [])).toBe(text);
  });

  test.each(['', '0', '65', 'x', '10+', 'pp3', '10,', ',10', '1,2,3'])('%j is refused', (text) => {
    expect(parsePosts(text)).toBeNull();
  });
});

describe('undefined flags', () => {
  const AF = 0x10;
  const OF = 0x800;
  const ALL = 0x8d5;
  test.each([
    ['xor %eax,%eax', [0x31, 0xc0], AF],
    ['add %eax,%eax', [0x01, 0xc0], 0],
    ['shl $4,%eax', [0xc1, 0xe0, 4], AF | OF],
    ['shl %eax', [0xd1, 0xe0], AF],
    ['rol $4,%eax', [0xc1, 0xc0, 4], OF],
    ['imul %ebx,%eax', [0x0f, 0xaf, 0xc3], 0xd4],
    ['div %ecx', [0xf7, 0xf1], ALL],
    ['not %ecx', [0xf7, 0xd1], 0],
    ['and $1,%al', [0x24, 1], AF],
    ['and $-16,%esp', [0x83, 0xe4, 0xf0], AF],
    ['cmp $1,%ecx', [0x83, 0xf9, 1], 0],
    ['data16 test %ax,%ax', [0x66, 0x85, 0xc0], AF],
    ['bsf %eax,%ecx', [0x0f, 0xbc, 0xc8], ALL & ~0x40],
    ['bt %eax,%ecx', [0x0f, 0xa3, 0xc1], ALL & ~0x41],
    ['nop', [0x90], 0],
  ] as const)('%s', (_text, bytes, expected) => {
    const mask = undefinedFlags(Uint8Array.from(bytes));
    // not changes no flag at all: naming AF undefined there would hide a difference.
    expect(mask).toBe(expected);
  });
});

describe('the executables written byte by byte', () => {
  test.each([
    ['launcher', launcherExecutable(1)],
    ['probe', probeExecutable()],
  ])('%s is an i386 executable that begins with its code', (name, bytes) => {
    const parsed = parseElf(bytes, name);
    expect(parsed).toMatchObject({ ok: true, elf: { type: 'EXEC', entry: 0x08048054 } });
  });
});
