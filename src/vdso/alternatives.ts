// .altinstructions: which bytes the kernel puts where at boot, for which CPU features.
// An entry is {s32 site, s32 replacement, feature, u8 site length, u8 replacement length}, both offsets relative to
// their own field. SOURCE: struct alt_instr in arch/x86/include/asm/alternative.h, which was over the years
//   12 bytes: u16 feature (bit 15 = when absent)                               before 4.1 and 5.13 - 6.4
//   13 bytes: u16 feature (bit 15 = when absent), padding length as last byte          4.1 - 5.12
//   14 bytes: u32 feature | flags << 16 (flag bit 0 = when absent)                      6.5 -
// The section does not say which: a layout fits when it divides the size and every entry passes the checks.
import { type ElfFile, type ElfSection, fileOffset, SHF, sectionBytes } from '../elf/index.js';
import type { VdsoError } from './types.js';

export interface Alternative {
  /** File offset of the bytes to be replaced. */
  readonly site: number;
  readonly length: number;
  /** File offset of the replacement, and its length (at most `length`; 0 for "nothing but nops"). */
  readonly replacement: number;
  readonly replacementLength: number;
  /** Kernel feature number: word * 32 + bit. */
  readonly feature: number;
  /** Applies when the CPU does not have the feature. */
  readonly inverted: boolean;
}

export type AlternativesResult =
  | { readonly ok: true; readonly alternatives: readonly Alternative[] }
  | { readonly ok: false; readonly error: VdsoError };

const LAYOUTS = [14, 12, 13] as const;
/** More feature words than any kernel has had (24 in 2026). */
const FEATURE_LIMIT = 32 * 32;

function within(section: ElfSection, address: number, size: number): boolean {
  return address >= section.addr && address + size <= section.addr + section.size;
}

interface Sections {
  readonly table: ElfSection;
  readonly bytes: Uint8Array;
  readonly replacements: ElfSection;
}

function readEntry(elf: ElfFile, sections: Sections, at: number, layout: number): Alternative | string {
  const { bytes, table } = sections;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const site = table.addr + at + view.getInt32(at, true);
  const replacement = table.addr + at + 4 + view.getInt32(at + 4, true);
  const raw = layout === 14 ? view.getUint32(at + 8, true) : view.getUint16(at + 8, true);
  const feature = layout === 14 ? raw & 0xffff : raw & 0x7fff;
  const lengthAt = at + (layout === 14 ? 12 : 10);
  const length = view.getUint8(lengthAt);
  const replacementLength = view.getUint8(lengthAt + 1);
  const code = elf.sections.find((s) => (s.flags & SHF.EXECINSTR) !== 0 && within(s, site, length));
  if (code === undefined || code === sections.replacements) return 'its site is not code';
  if (!within(sections.replacements, replacement, replacementLength))
    return 'its replacement is not in its section';
  if (length === 0 || replacementLength > length) return `${replacementLength} bytes do not fit ${length}`;
  if (feature >= FEATURE_LIMIT) return `there is no CPU feature ${feature}`;
  const siteAt = fileOffset(elf, site);
  // An empty replacement may sit at the very end of its section, and the section at the end of the segment.
  const replacementAt = replacementLength === 0 ? 0 : fileOffset(elf, replacement);
  if (siteAt === undefined || replacementAt === undefined) return 'it is not in a loaded segment';
  const inverted = layout === 14 ? (raw & 0x10000) !== 0 : (raw & 0x8000) !== 0;
  return { site: siteAt, length, replacement: replacementAt, replacementLength, feature, inverted };
}

function readLayout(elf: ElfFile, sections: Sections, layout: number): Alternative[] | string {
  const { size } = sections.table;
  if (size % layout !== 0) return `${size} is not a multiple of ${layout}`;
  const entries: Alternative[] = [];
  for (let at = 0; at < size; at += layout) {
    const entry = readEntry(elf, sections, at, layout);
    if (typeof entry === 'string') return `entry ${at / layout}: ${entry}`;
    entries.push(entry);
  }
  return entries;
}

/** All entries in the order of the section; none when the image has no such section. */
export function readAlternatives(elf: ElfFile): AlternativesResult {
  const bad = (message: string): AlternativesResult => ({
    ok: false,
    error: { code: 'bad-alternatives', message: `${elf.name}: .altinstructions: ${message}` },
  });
  const table = elf.findSection('.altinstructions');
  if (table === undefined || table.size === 0) return { ok: true, alternatives: [] };
  const bytes = sectionBytes(elf, table);
  const replacements = elf.findSection('.altinstr_replacement');
  if (bytes === undefined) return bad('runs off the end of the file');
  if (replacements === undefined) return bad('there is no .altinstr_replacement');
  const reasons: string[] = [];
  for (const layout of LAYOUTS) {
    const entries = readLayout(elf, { table, bytes, replacements }, layout);
    if (typeof entries !== 'string') return { ok: true, alternatives: entries };
    reasons.push(`as ${layout}-byte entries: ${entries}`);
  }
  return bad(`unknown layout (${reasons.join('; ')})`);
}
