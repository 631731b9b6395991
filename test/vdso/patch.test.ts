import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { disassemble } from '../../src/asm/disassemble.js';
import { parseElf } from '../../src/elf/index.js';
import {
  type CpuKind,
  loadVdso,
  nopBytes,
  patchAlternatives,
  readAlternatives,
} from '../../src/vdso/index.js';
import { hexOf, unpatched } from './helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-patch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function patched(bytes: Uint8Array, cpu: CpuKind, features: number[] = []): Uint8Array {
  const result = patchAlternatives(bytes, { cpu, flavour: 'amd64', features });
  if (!result.ok) throw new Error(result.error.message);
  return result.bytes;
}

function symbol(bytes: Uint8Array, name: string): number {
  const parsed = parseElf(bytes, 'image');
  const found = parsed.ok ? parsed.elf.findSymbol(name) : undefined;
  if (found === undefined) throw new Error(`no ${name}`);
  return found.value;
}

describe.each([12, 13, 14] as const)('alternatives of %i bytes', (layout) => {
  const image = unpatched(layout, folder);

  it('are read with their features, lengths and inversion', () => {
    const parsed = parseElf(image, 'image');
    const read = parsed.ok ? readAlternatives(parsed.elf) : undefined;
    if (read === undefined || !read.ok) throw new Error('not read');
    const rows = read.alternatives.map((a) => [a.feature, a.length, a.replacementLength, a.inverted]);
    expect(rows).toEqual([
      [111, 4, 4, false],
      [110, 4, 4, false],
      [111, 5, 5, false],
      [59, 5, 3, true],
    ]);
  });

  it.each([
    ['int80', '5152550f1f4000cd805d5a59c3'],
    ['sysenter', '51525589e50f34cd805d5a59c3'],
    ['syscall', '51525589cd0f05cd805d5a59c3'],
  ] as const)('make the entry for %s, the later of two entries winning', (cpu, hex) => {
    const bytes = patched(image, cpu);
    expect(hexOf(bytes, symbol(bytes, '__kernel_vsyscall'), 13)).toBe(hex);
    const loaded = loadVdso(bytes, { id: 'image' });
    expect(loaded.ok ? [loaded.image.form, loaded.image.flavour] : []).toEqual([
      `unified-4.4/${cpu}`,
      'amd64',
    ]);
  });

  it('retarget a call that moves with its replacement', () => {
    const bytes = patched(image, 'sysenter');
    const at = symbol(bytes, 'fallback');
    const [call] = disassemble(bytes.subarray(at, at + 5), at);
    expect([call?.text.split(' ')[0], call?.target]).toEqual(['call', symbol(bytes, '__kernel_vsyscall')]);
    expect(hexOf(patched(image, 'int80'), at, 5)).toBe('3e3e3ecd80');
  });

  it('apply an inverted entry only without the feature, and pad with long nops', () => {
    const at = symbol(image, 'absent');
    expect(hexOf(patched(image, 'int80'), at, 5)).toBe('0faee86690');
    expect(hexOf(patched(image, 'int80', [59]), at, 5)).toBe('0f310f1f00');
  });

  it('leave the image they are given as it was', () => {
    const before = Buffer.from(image).toString('hex');
    patched(image, 'syscall');
    expect(Buffer.from(image).toString('hex')).toBe(before);
  });
});

describe('patchAlternatives', () => {
  const image = unpatched(14, folder);
  const code = (bytes: Uint8Array, flavour: 'i386' | 'amd64', cpu: CpuKind): string => {
    const result = patchAlternatives(bytes, { cpu, flavour });
    return result.ok ? 'ok' : `${result.error.code}: ${result.error.message}`;
  };

  it('refuses syscall on a 32-bit kernel', () => {
    expect(code(image, 'i386', 'syscall')).toMatch(/^no-such-cpu: .*choose int80 or sysenter/);
  });

  it('refuses a table that fits no layout, and says what is wrong with it in each', () => {
    const copy = image.slice();
    const parsed = parseElf(copy, 'image');
    const table = parsed.ok ? parsed.elf.findSection('.altinstructions') : undefined;
    copy[(table?.offset ?? 0) + 12] = 0;
    expect(code(copy, 'amd64', 'int80')).toMatch(
      /^bad-alternatives: .*14-byte entries: entry 0: .*12-byte.*13-byte/,
    );
  });

  it('refuses what is no ELF', () => {
    expect(code(Uint8Array.of(1, 2, 3), 'amd64', 'int80')).toMatch(/^bad-elf: /);
  });

  it('answers whatever the bytes are, and so does loadVdso', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(edits, fc.nat(image.length), (changes, size) => {
        const copy = image.slice(0, size % 3 === 0 ? size : image.length);
        for (const [at, value] of changes) if (copy.length > 0) copy[at % copy.length] = value;
        for (const cpu of ['int80', 'syscall'] as const) patchAlternatives(copy, { cpu, flavour: 'amd64' });
        loadVdso(copy, { id: 'hostile' });
      }),
      { numRuns: 1500 },
    );
  });
});

describe('nopBytes', () => {
  it('fills any length with instructions that are all nops', () => {
    for (const flavour of ['i386', 'amd64'] as const) {
      for (let size = 0; size < 20; size++) {
        const texts = disassemble(nopBytes(flavour, size), 0).map((i) => i.text);
        expect(nopBytes(flavour, size)).toHaveLength(size);
        expect(texts.filter((text) => !/^(nop|lea|movl %esi, %esi)/.test(text))).toEqual([]);
      }
    }
  });
});
