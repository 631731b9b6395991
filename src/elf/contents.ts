// What sections and segments hold that a loader asks for: notes, the dynamic array, relocations.
// Note: {namesz u32, descsz u32, type u32, name padded to 4, desc padded to 4}. Dyn: {tag, value}. Rel: {offset, info},
// info = symbol << 8 | type. SOURCE: System V ABI "Note Section", "Dynamic Section", "Relocation"; elf(5).
import { DT, PT, relocationName, SHT } from './constants.js';
import type { Reader } from './reader.js';
import { contentOf } from './tables.js';
import { hex, latin1 } from './text.js';
import type { ElfDynamicEntry, ElfNote, ElfRelocation, ElfSection, ElfSegment, ElfSymbol } from './types.js';

interface Range {
  readonly offset: number;
  readonly size: number;
  readonly section: string;
}

const pad4 = (size: number): number => Math.ceil(size / 4) * 4;

function readNoteRange(reader: Reader, range: Range): ElfNote[] {
  const notes: ElfNote[] = [];
  reader.need(range.offset, range.size, `notes ${range.section}`);
  const end = range.offset + range.size;
  for (let at = range.offset; at + 12 <= end; ) {
    const nameSize = reader.u32(at);
    const descSize = reader.u32(at + 4);
    const descAt = at + 12 + pad4(nameSize);
    if (descAt + descSize > end) throw reader.malformed(`the note at offset ${hex(at)} runs over its end`);
    notes.push({
      name: latin1(reader.bytes.subarray(at + 12, at + 12 + nameSize)).replace(/\0+$/, ''),
      type: reader.u32(at + 8),
      desc: reader.bytes.slice(descAt, descAt + descSize),
      section: range.section,
    });
    at = descAt + pad4(descSize);
  }
  return notes;
}

/** Notes of all .note sections, or of the PT_NOTE segments when the file has no sections. */
export function readNotes(
  reader: Reader,
  sections: readonly ElfSection[],
  segments: readonly ElfSegment[],
): ElfNote[] {
  const ranges: Range[] =
    sections.length > 0
      ? sections.filter((s) => s.type === SHT.NOTE).map((s) => ({ ...s, section: s.name }))
      : segments
          .filter((s) => s.type === PT.NOTE)
          .map((s) => ({ offset: s.offset, size: s.filesz, section: '' }));
  refuseOverlap(reader, ranges, 'notes');
  return ranges.flatMap((range) => readNoteRange(reader, range));
}

/** The dynamic array up to DT_NULL (not included). */
export function readDynamic(reader: Reader, segments: readonly ElfSegment[]): ElfDynamicEntry[] {
  const segment = segments.find((s) => s.type === PT.DYNAMIC);
  if (segment === undefined) return [];
  const entries: ElfDynamicEntry[] = [];
  for (let at = segment.offset; at + 8 <= segment.offset + segment.filesz; at += 8) {
    const tag = reader.u32(at);
    if (tag === DT.NULL) break;
    entries.push({ tag, value: reader.u32(at + 4) });
  }
  return entries;
}

/** Sections that share bytes do not occur in real files, but would let a small hostile one grow without bound. */
function refuseOverlap(reader: Reader, ranges: readonly Range[], what: string): void {
  const total = ranges.reduce((sum, range) => sum + range.size, 0);
  if (total > reader.bytes.length) {
    throw reader.malformed(`${what} claim ${total} bytes, the whole file has ${reader.bytes.length}`);
  }
}

function readRelSection(
  reader: Reader,
  section: ElfSection,
  symbolOf: (index: number) => ElfSymbol | undefined,
): ElfRelocation[] {
  contentOf(reader, section);
  const relocations: ElfRelocation[] = [];
  for (let at = section.offset; at + 8 <= section.offset + section.size; at += 8) {
    const info = reader.u32(at + 4);
    const type = info & 0xff;
    relocations.push({
      offset: reader.u32(at),
      type,
      typeName: relocationName(type),
      symbol: symbolOf(info >>> 8),
      section: section.name,
      target: section.info,
    });
  }
  return relocations;
}

/** Every entry of every SHT_REL section, in file order, with its symbol looked up in the section's own table. */
export function readRelocations(
  reader: Reader,
  sections: readonly ElfSection[],
  symbols: readonly ElfSymbol[],
): ElfRelocation[] {
  const rels = sections.filter((section) => section.type === SHT.REL);
  refuseOverlap(
    reader,
    rels.map((s) => ({ offset: s.offset, size: s.size, section: s.name })),
    'relocations',
  );
  const byTable = { symtab: new Map<number, ElfSymbol>(), dynsym: new Map<number, ElfSymbol>() };
  for (const symbol of symbols) byTable[symbol.table].set(symbol.index, symbol);
  return rels.flatMap((section) => {
    const table = sections[section.link]?.type === SHT.DYNSYM ? byTable.dynsym : byTable.symtab;
    return readRelSection(reader, section, (index) => (index === 0 ? undefined : table.get(index)));
  });
}
