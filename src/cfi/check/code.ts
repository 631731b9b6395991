// The executable bytes of a file in one address space. Linked files have theirs; the sections of a relocatable object are
// laid one after the other, so that an address says which section it is in. Jumps and calls go where relocations say.
import { type ElfFile, type ElfSection, PF, PT, SHF, sectionBytes } from '../../elf/index.js';
import type { Place } from '../types.js';
import { CodeDecoder, type Decoded } from './decode.js';

export interface Region {
  readonly name: string;
  /** Section index in relocatable objects, else 0. */
  readonly section: number;
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** Where a direct jump or call goes. */
export type Target =
  | { readonly kind: 'address'; readonly address: number; readonly name: string | undefined }
  | { readonly kind: 'symbol'; readonly name: string };

const GAP = 0x1000;

function regionsOf(elf: ElfFile): Region[] {
  const relocatable = elf.type === 'REL';
  const regions: Region[] = [];
  let next = relocatable ? GAP : 0;
  for (const section of elf.sections) {
    if ((section.flags & SHF.EXECINSTR) === 0 || section.size === 0) continue;
    const bytes = sectionBytes(elf, section);
    if (bytes === undefined) continue;
    const base = relocatable ? next : section.addr;
    next += (Math.ceil(bytes.length / GAP) + 1) * GAP;
    regions.push({ name: section.name, section: relocatable ? section.index : 0, base, bytes });
  }
  return regions.length > 0 || relocatable ? regions : segmentRegions(elf);
}

function segmentRegions(elf: ElfFile): Region[] {
  return elf.segments
    .filter((s) => s.type === PT.LOAD && (s.flags & PF.X) !== 0 && s.filesz > 0)
    .map((s) => ({
      name: '',
      section: 0,
      base: s.vaddr,
      bytes: elf.bytes.subarray(s.offset, s.offset + s.filesz),
    }));
}

export class CodeSpace {
  readonly regions: readonly Region[];
  readonly #elf: ElfFile;
  #last: Region | undefined;
  readonly #relocated: ReadonlyMap<number, Target>;
  readonly #decoded = new Map<number, Decoded | null>();
  readonly #decoders = new Map<Region, CodeDecoder>();

  constructor(elf: ElfFile) {
    this.#elf = elf;
    this.regions = regionsOf(elf);
    this.#relocated = this.#relocatedTargets();
  }

  /** Targets by the address of the relocated word: R_386_PC32 and R_386_PLT32 words of branches. */
  #relocatedTargets(): Map<number, Target> {
    const targets = new Map<number, Target>();
    const bySection = new Map(this.regions.map((region) => [region.section, region]));
    if (this.#elf.type !== 'REL') return targets;
    for (const { target, type, offset, symbol } of this.#elf.relocations) {
      const region = bySection.get(target);
      if (region === undefined || symbol === undefined || (type !== 2 && type !== 4)) continue;
      if (offset + 4 > region.bytes.length) continue;
      const addend = new DataView(region.bytes.buffer, region.bytes.byteOffset).getInt32(offset, true);
      const home = bySection.get(symbol.section);
      const name = symbol.type === 'SECTION' ? undefined : symbol.name;
      if (home !== undefined) {
        const address = (home.base + symbol.value + addend + 4) >>> 0;
        targets.set(region.base + offset, { kind: 'address', address, name });
      } else targets.set(region.base + offset, { kind: 'symbol', name: symbol.name });
    }
    return targets;
  }

  regionAt(address: number): Region | undefined {
    const within = ({ base, bytes }: Region): boolean => address >= base && address < base + bytes.length;
    if (this.#last === undefined || !within(this.#last)) this.#last = this.regions.find(within) ?? this.#last;
    return this.#last !== undefined && within(this.#last) ? this.#last : undefined;
  }

  /** The address of a place as frame information gives it; undefined when it is not in the code. */
  addressOf({ section, address }: Place): number | undefined {
    if (this.#elf.type !== 'REL') return this.regionAt(address) === undefined ? undefined : address;
    const region = this.regions.find((candidate) => candidate.section === section);
    return region === undefined ? undefined : region.base + address;
  }

  /** The instruction at an address; null when there is none. */
  at(address: number): Decoded | null {
    const known = this.#decoded.get(address);
    if (known !== undefined) return known;
    const region = this.regionAt(address);
    let decoded: Decoded | null = null;
    if (region !== undefined) {
      let decoder = this.#decoders.get(region);
      if (decoder === undefined) {
        decoder = new CodeDecoder(region.bytes, region.base);
        this.#decoders.set(region, decoder);
      }
      decoded = decoder.at(address - region.base);
    }
    this.#decoded.set(address, decoded);
    return decoded;
  }

  bytesAt(address: number, size: number): Uint8Array {
    const region = this.regionAt(address);
    return region === undefined
      ? new Uint8Array(0)
      : region.bytes.subarray(address - region.base, address - region.base + size);
  }

  /** Where the direct branch at `address` goes, whose own operand says `target`. */
  targetOf(address: number, length: number, target: number): Target {
    return this.#relocated.get(address + length - 4) ?? { kind: 'address', address: target, name: undefined };
  }

  close(): void {
    for (const decoder of this.#decoders.values()) decoder.close();
  }
}

/** Sections of a relocatable object that hold no code but may point into it: jump tables. */
export function isDataSection(section: ElfSection | undefined): boolean {
  return section !== undefined && (section.flags & SHF.ALLOC) !== 0 && (section.flags & SHF.EXECINSTR) === 0;
}
