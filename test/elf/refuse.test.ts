import { existsSync, readFileSync, rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseElf } from '../../src/elf/index.js';
import { makeSamples, realFiles } from './samples.js';

const samples = makeSamples();
afterAll(() => rmSync(samples.folder, { recursive: true, force: true }));
const good = new Uint8Array(readFileSync(samples.executable));

function refusal(bytes: Uint8Array): string {
  const parsed = parseElf(bytes, 'prog');
  return parsed.ok ? 'accepted' : `${parsed.error.code}: ${parsed.error.message}`;
}

function changed(change: (view: DataView) => void): Uint8Array {
  const copy = good.slice();
  change(new DataView(copy.buffer));
  return copy;
}

describe('parseElf refuses', () => {
  it('an empty file', () => expect(refusal(new Uint8Array(0))).toMatch(/^empty: prog is empty/));

  it('a script', () => {
    expect(refusal(Buffer.from('#!/bin/sh\n'))).toMatch(/^not-elf: prog is not an ELF file/);
  });

  it.skipIf(!existsSync('/bin/true'))(
    "this machine's own programs, and says how to build a 32-bit one",
    () => {
      const own = new Uint8Array(readFileSync('/bin/true'));
      expect(refusal(own)).toBe(
        'elf64: prog is a 64-bit ELF; sigsweep runs i386 (ELF32) executables: build with -m32',
      );
    },
  );

  it('big-endian files', () => {
    expect(refusal(changed((v) => v.setUint8(5, 2)))).toMatch(/^big-endian: /);
  });

  it('32-bit code of another machine, by name where known', () => {
    expect(refusal(changed((v) => v.setUint16(18, 40, true)))).toMatch(
      /^wrong-machine: prog is ELF32 code for ARM/,
    );
    expect(refusal(changed((v) => v.setUint16(18, 999, true)))).toMatch(/^wrong-machine: .*machine 999/);
  });

  it('a core dump', () => {
    expect(refusal(changed((v) => v.setUint16(16, 4, true)))).toMatch(/^wrong-type: prog is a core dump/);
  });

  it('a truncated header', () => {
    expect(refusal(good.slice(0, 40))).toMatch(
      /^truncated: .*ELF header at offset 0x0 needs 52 bytes, the file has 40/,
    );
  });

  it('a truncated program header table, with its offset', () => {
    const moved = changed((v) => v.setUint32(28, good.length - 8, true));
    const offset = (good.length - 8).toString(16);
    expect(refusal(moved)).toMatch(new RegExp(`^truncated: .*program header table at offset 0x${offset}`));
  });

  it('a truncated section header table, with its offset', () => {
    const view = new DataView(good.buffer);
    const offset = view.getUint32(32, true).toString(16);
    expect(refusal(good.slice(0, -1))).toMatch(
      new RegExp(`^truncated: .*section header table at offset 0x${offset}`),
    );
  });

  it('a segment that runs off the file', () => {
    const phoff = new DataView(good.buffer).getUint32(28, true);
    expect(refusal(changed((v) => v.setUint32(phoff + 16, 0xfffff000, true)))).toMatch(
      /^truncated: .*segment 0/,
    );
  });
});

describe('parseElf is total', () => {
  const real = realFiles().filter((path) => path.endsWith('.so'));
  const sources = [samples.executable, samples.object, ...real].map(
    (path) => new Uint8Array(readFileSync(path)),
  );

  it('truncated anywhere, it answers and every refusal is one line that names the file', () => {
    for (const bytes of sources) {
      for (let size = 0; size < bytes.length; size += 13) {
        const parsed = parseElf(bytes.subarray(0, size), 'prog');
        if (parsed.ok) continue;
        expect(parsed.error.message).toMatch(/^prog[^\n]*$/);
      }
    }
  });

  it('with any bytes changed, it answers, and so do its lookups', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...sources), edits, fc.nat(0xffffffff), (bytes, changes, address) => {
        const copy = bytes.slice();
        for (const [at, value] of changes) {
          // Half of the edits go into the headers, where they hurt most.
          copy[value % 2 === 0 ? at % 52 : at % copy.length] = value;
        }
        const parsed = parseElf(copy, 'prog');
        if (!parsed.ok) return;
        parsed.elf.symbolAt(address);
        parsed.elf.findSymbol('_start');
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses sections that claim the same bytes over and over instead of growing without bound', () => {
    const count = 2000;
    const bytes = new Uint8Array(52 + count * 40);
    bytes.set(good.subarray(0, 52));
    const view = new DataView(bytes.buffer);
    view.setUint32(28, 0, true);
    view.setUint16(44, 0, true);
    view.setUint32(32, 52, true);
    view.setUint16(48, count, true);
    view.setUint16(50, 0, true);
    for (let i = 0; i < count; i++) {
      view.setUint32(52 + i * 40 + 4, 9, true);
      view.setUint32(52 + i * 40 + 20, bytes.length, true);
    }
    expect(refusal(bytes)).toMatch(/^malformed: prog: .*relocations claim \d+ bytes/);
  });
});
