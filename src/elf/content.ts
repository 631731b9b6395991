// Bytes of a parsed file by section name or by virtual address.
import { PT, SHT } from './constants.js';
import type { ElfFile, ElfSection } from './types.js';

/** A section's bytes as the file holds them (a view, not a copy); undefined when it has none or runs off the file. */
export function sectionBytes(elf: ElfFile, section: ElfSection): Uint8Array | undefined {
  if (section.type === SHT.NOBITS || section.offset + section.size > elf.bytes.length) return undefined;
  return elf.bytes.subarray(section.offset, section.offset + section.size);
}

/** File offset of a virtual address that a PT_LOAD segment fills from the file, else undefined. */
export function fileOffset(elf: ElfFile, address: number): number | undefined {
  const home = elf.segments.find(
    (s) => s.type === PT.LOAD && address >= s.vaddr && address < s.vaddr + s.filesz,
  );
  return home === undefined ? undefined : home.offset + (address - home.vaddr);
}

/** Up to `size` bytes at a virtual address, cut at the end of the segment's file content. */
export function bytesAt(elf: ElfFile, address: number, size: number): Uint8Array | undefined {
  const home = elf.segments.find(
    (s) => s.type === PT.LOAD && address >= s.vaddr && address < s.vaddr + s.filesz,
  );
  if (home === undefined) return undefined;
  const start = home.offset + (address - home.vaddr);
  return elf.bytes.subarray(start, Math.min(start + size, home.offset + home.filesz));
}
