// A section's bytes with where they lie and what relocations change in them, so that pointers in relocatable objects
// become (section, offset). SOURCE: Intel386 psABI "Relocation" (R_386_32: S + A, R_386_PC32: S + A - P); LSB DW_EH_PE.
import { type ElfFile, type ElfRelocation, type ElfSection, sectionBytes } from '../elf/index.js';
import type { Place } from './types.js';

const R_386_32 = 1;
const R_386_PC32 = 2;

/** A word that a relocation decides. */
export interface Relocated extends Place {
  readonly pcRelative: boolean;
  /** Name of an undefined symbol; its place is unknown. */
  readonly symbol: string | undefined;
}

export interface CfiSource {
  readonly bytes: Uint8Array;
  /** Virtual address of its first byte; 0 in relocatable objects. */
  readonly address: number;
  /** Index of the section in relocatable objects, 0 in linked files: pointers within the file start from here. */
  readonly section: number;
  readonly relocated: (offset: number) => Relocated | undefined;
  /** Bases of DW_EH_PE_textrel and DW_EH_PE_datarel. */
  readonly textBase: number | undefined;
  readonly dataBase: number | undefined;
}

/** Looks up relocated words by their offset; the word's own content is the addend (i386 has REL). */
export function relocationsOf(elf: ElfFile, section: ElfSection): (offset: number) => Relocated | undefined {
  if (elf.type !== 'REL') return () => undefined;
  const entries = new Map<number, ElfRelocation>();
  for (const entry of elf.relocations) if (entry.target === section.index) entries.set(entry.offset, entry);
  const bytes = sectionBytes(elf, section) ?? new Uint8Array(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (offset) => {
    const entry = entries.get(offset);
    if (entry?.symbol === undefined || offset + 4 > bytes.length) return undefined;
    if (entry.type !== R_386_32 && entry.type !== R_386_PC32) return undefined;
    const { symbol } = entry;
    return {
      pcRelative: entry.type === R_386_PC32,
      section: symbol.section,
      address: (symbol.value + view.getUint32(offset, true)) >>> 0,
      symbol: symbol.section === 0 ? symbol.name : undefined,
    };
  };
}

/** A section as a source of frame information; undefined when the file does not hold its bytes. */
export function sourceOf(elf: ElfFile, section: ElfSection): CfiSource | undefined {
  const bytes = sectionBytes(elf, section);
  if (bytes === undefined) return undefined;
  const relocatable = elf.type === 'REL';
  const got = elf.findSection('.got.plt') ?? elf.findSection('.got');
  return {
    bytes,
    address: relocatable ? 0 : section.addr,
    section: relocatable ? section.index : 0,
    relocated: relocationsOf(elf, section),
    textBase: relocatable ? undefined : elf.findSection('.text')?.addr,
    dataBase: relocatable ? undefined : got?.addr,
  };
}
