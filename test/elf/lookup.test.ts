import { readFileSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { bytesAt, type ElfFile, parseElf } from '../../src/elf/index.js';
import { makeSamples, realFiles } from './samples.js';

const samples = makeSamples();
afterAll(() => rmSync(samples.folder, { recursive: true, force: true }));

function read(path: string): ElfFile {
  const parsed = parseElf(new Uint8Array(readFileSync(path)), path);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.elf;
}

const elf = read(samples.executable);
const addressOf = (name: string): number => elf.findSymbol(name)?.value ?? Number.NaN;
const place = (address: number): string => {
  const found = elf.symbolAt(address);
  return found === undefined ? 'nowhere' : `${found.symbol.name}+${found.offset}`;
};

describe('symbolAt', () => {
  it('finds the sized function around an address even when a label lies nearer', () => {
    expect(place(addressOf('inner'))).toBe('whole+1');
  });

  it('among aliases speaks of the global before the weak, then of the shortest', () => {
    expect(place(addressOf('alias'))).toBe('whole+0');
  });

  it('falls back to the nearest label before, locals included', () => {
    expect(place(addressOf('unsized_local') + 1)).toBe('unsized_local+1');
    expect(place(addressOf('_start') + 5)).toBe('_start+5');
  });

  it("does not reach out of the label's section", () => {
    const text = elf.findSection('.text');
    if (text === undefined) throw new Error('no .text');
    expect(place(text.addr + text.size - 1)).toMatch(/^hidden_one\+/);
    expect(place(text.addr + text.size)).toBe('nowhere');
    expect(place(0)).toBe('nowhere');
    expect(place(0xffffffff)).toBe('nowhere');
  });

  it('gives nothing in relocatable objects, whose values are not addresses', () => {
    expect(read(samples.object).symbolAt(0)).toBeUndefined();
  });

  it.each(realFiles().filter((path) => path.includes('musl')))(
    'finds the cancellation point of musl in %s',
    (path) => {
      const real = read(path);
      const begin = real.findSymbol('__cp_begin');
      if (begin === undefined) return;
      const found = real.symbolAt(begin.value);
      expect(found === undefined ? undefined : found.symbol.value + found.offset).toBe(begin.value);
    },
  );
});

describe('findSymbol', () => {
  it('finds global, weak, local and hidden symbols by their exact name', () => {
    expect(elf.findSymbol('whole')).toMatchObject({ type: 'FUNC', bind: 'GLOBAL', size: 3 });
    expect(elf.findSymbol('alias')).toMatchObject({ bind: 'WEAK' });
    expect(elf.findSymbol('unsized_local')).toMatchObject({ bind: 'LOCAL', size: 0 });
    expect(elf.findSymbol('hidden_one')).toMatchObject({ visibility: 'HIDDEN' });
    expect(elf.findSymbol('whol')).toBeUndefined();
  });
});

describe('bytesAt', () => {
  it('reads what the linker put at an address, cut at the end of the segment', () => {
    expect([...(bytesAt(elf, addressOf('whole'), 3) ?? [])]).toEqual([0x55, 0x5d, 0xc3]);
    expect(bytesAt(elf, addressOf('hidden_one'), 1 << 20)?.length).toBeLessThan(4096);
    expect(bytesAt(elf, 16, 4)).toBeUndefined();
  });
});
