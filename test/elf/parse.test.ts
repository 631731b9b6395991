// Judge: readelf, on files made here and on every real one at hand.
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { type ElfFile, parseElf } from '../../src/elf/index.js';
import {
  judgedDynamic,
  judgedNotes,
  judgedRelocations,
  judgedSections,
  judgedSegments,
  judgedSymbols,
} from './readelf.js';
import { makeSamples, realFiles } from './samples.js';

const samples = makeSamples();
afterAll(() => rmSync(samples.folder, { recursive: true, force: true }));

function read(path: string): ElfFile {
  const parsed = parseElf(new Uint8Array(readFileSync(path)), path);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.elf;
}

describe.each([samples.object, samples.executable, samples.shared, ...realFiles()])(
  'parseElf on %s',
  (path) => {
    const elf = read(path);

    it('gives the segments readelf -l gives', () => {
      const ours = elf.segments.map(({ type: _type, ...segment }) => segment);
      expect(ours).toEqual(judgedSegments(path));
    });

    it('gives the sections readelf -S gives', () => {
      const ours = elf.sections.map(({ type: _type, flags: _flags, ...section }) => section);
      expect(ours).toEqual(judgedSections(path));
    });

    it('gives the symbols readelf -s gives', () => {
      const dynamicFirst = [...elf.symbols].sort((a, b) => a.table.localeCompare(b.table));
      const judged = judgedSymbols(path);
      // readelf knows a binding we have no name for.
      const named = JSON.parse(JSON.stringify(judged).replaceAll('"UNIQUE"', '"OTHER"'));
      expect(dynamicFirst).toEqual(named);
    });

    it('gives the relocations readelf -r gives', () => {
      const ours = elf.relocations.map(({ offset, type, typeName, symbol }) => {
        return { offset, type, typeName, symbol: symbol?.name };
      });
      const judged = judgedRelocations(path);
      expect(ours).toEqual(judged);
    });

    it('gives the dynamic entries and notes readelf gives', () => {
      expect(elf.dynamic.map((entry) => entry.tag)).toEqual(judgedDynamic(path));
      const ours = elf.notes.map((note) => ({ name: note.name, size: note.desc.length }));
      expect(ours).toEqual(judgedNotes(path));
    });
  },
);

describe('parseElf', () => {
  it('tells the three kinds of file and where execution starts', () => {
    const types = [samples.object, samples.executable, samples.shared].map((path) => read(path).type);
    expect(types).toEqual(['REL', 'EXEC', 'DYN']);
    const executable = read(samples.executable);
    expect(executable.entry).toBe(executable.findSymbol('_start')?.value);
  });

  it("tells a note's name, type and content", () => {
    const note = read(samples.executable).notes.find(({ name }) => name === 'test');
    expect(note).toMatchObject({ type: 42, section: '.note.test', desc: Uint8Array.of(1, 2, 3) });
  });

  it('gives the TLS segment, and says whether the stack is executable', () => {
    const executable = read(samples.executable);
    expect(executable.tls).toMatchObject({ filesz: 4, memsz: 4 });
    expect(executable.executableStack).toBe(false);
  });

  it('resolves kept relocations to the symbol and the section they apply to', () => {
    const executable = read(samples.executable);
    const call = executable.relocations.find((relocation) => relocation.symbol?.name === 'whole');
    expect(call?.typeName).toMatch(/^R_386_(PC32|PLT32)$/);
    expect(executable.sections[call?.target ?? 0]?.name).toBe('.text');
  });

  it('says that no interpreter is asked for by static files', () => {
    expect([samples.executable, samples.shared].map((path) => read(path).interpreter)).toEqual([
      undefined,
      undefined,
    ]);
  });
});
