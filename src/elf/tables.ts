// Program headers (Elf32_Phdr, 32 bytes) and section headers (Elf32_Shdr, 40 bytes).
// Phdr: type, offset, vaddr, paddr, filesz, memsz, flags, align. Shdr: name, type, flags, addr, offset, size, link,
// info, addralign, entsize; all u32. A count or index that does not fit 16 bits lives in section 0 (size, link).
// SOURCE: System V ABI chapter 5 and "Section Headers", elf(5).
import { SHN, SHT } from './constants.js';
import type { ElfHeader } from './header.js';
import type { Reader } from './reader.js';
import { hex } from './text.js';
import type { ElfSection, ElfSegment } from './types.js';

export function readSegments(reader: Reader, header: ElfHeader): ElfSegment[] {
  const { phoff, phnum } = header;
  if (phnum === 0) return [];
  reader.need(phoff, phnum * 32, 'program header table');
  const segments: ElfSegment[] = [];
  for (let i = 0; i < phnum; i++) {
    const at = phoff + i * 32;
    const segment = {
      type: reader.u32(at),
      offset: reader.u32(at + 4),
      vaddr: reader.u32(at + 8),
      filesz: reader.u32(at + 16),
      memsz: reader.u32(at + 20),
      flags: reader.u32(at + 24),
      align: reader.u32(at + 28),
    };
    if (segment.filesz > 0) reader.need(segment.offset, segment.filesz, `content of segment ${i}`);
    segments.push(segment);
  }
  return segments;
}

export function readSections(reader: Reader, header: ElfHeader): ElfSection[] {
  const { shoff } = header;
  if (shoff === 0) return [];
  reader.need(shoff, 40, 'section header table');
  const count = header.shnum === 0 ? reader.u32(shoff + 20) : header.shnum;
  const namesIndex = header.shstrndx === SHN.XINDEX ? reader.u32(shoff + 24) : header.shstrndx;
  reader.need(shoff, count * 40, 'section header table');
  const raw = (i: number, word: number): number => reader.u32(shoff + i * 40 + word * 4);
  if (namesIndex !== SHN.UNDEF && namesIndex >= count) {
    throw reader.malformed(`section names are said to be in section ${namesIndex} of ${count} (offset 0x32)`);
  }
  const names = namesIndex === 0 ? undefined : { offset: raw(namesIndex, 4), size: raw(namesIndex, 5) };
  if (names !== undefined) reader.need(names.offset, names.size, 'section name table');
  const sections: ElfSection[] = [];
  for (let index = 0; index < count; index++) {
    sections.push({
      index,
      name: names === undefined ? '' : reader.name(names, raw(index, 0), `section ${index}`),
      type: raw(index, 1),
      flags: raw(index, 2),
      addr: raw(index, 3),
      offset: raw(index, 4),
      size: raw(index, 5),
      link: raw(index, 6),
      info: raw(index, 7),
      align: raw(index, 8),
      entsize: raw(index, 9),
    });
  }
  return sections;
}

/** A section's bytes in the file: empty for NOBITS; throws 'truncated' when it runs off the file. */
export function contentOf(reader: Reader, section: ElfSection): Uint8Array {
  if (section.type === SHT.NOBITS || section.size === 0) return new Uint8Array(0);
  return reader.slice(section.offset, section.size, `section ${section.name || hex(section.index)}`);
}
