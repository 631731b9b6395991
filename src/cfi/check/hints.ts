// Ways through the code that the instructions do not show: what data points to (jump tables), landing pads, and symbols.
import { type ElfFile, type ElfRelocation, sectionBytes } from '../../elf/index.js';
import { type CodeSpace, isDataSection } from './code.js';
import type { CheckedFunction } from './functions.js';
import { makeLandingPads } from './lsda.js';

/** What else is known of the file: where jump tables and exception tables lead. */
export interface Hints {
  /** Places in [start, end) that data points to. */
  readonly pointedTo: (start: number, end: number) => readonly number[];
  /** The landing pad of a call, if it has one. */
  readonly landingPad: (fn: CheckedFunction, call: number) => number | undefined;
  /** Function symbols strictly inside (start, end). */
  readonly entriesIn: (start: number, end: number) => readonly number[];
}

const R_386_32 = 1;
const R_386_PC32 = 2;
const R_386_GOTOFF = 9;
const POINTING: ReadonlySet<number> = new Set([R_386_32, R_386_PC32, R_386_GOTOFF]);

function sortedUnique(addresses: Iterable<number>): number[] {
  return [...new Set(addresses)].sort((a, b) => a - b);
}

function relocatedWord(elf: ElfFile, { target, type, offset }: ElfRelocation): number | undefined {
  const section = elf.sections[target];
  const bytes = section === undefined || !POINTING.has(type) ? undefined : sectionBytes(elf, section);
  if (bytes === undefined || offset + 4 > bytes.length) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(offset, true);
}

/**
 * Where code refers to data, as 'section:offset' places sorted by section: there tables begin. An `add $table - ., %reg`
 * counts from its own begin, one or two bytes before the relocated word; tables are aligned to 4.
 */
function tableStarts(elf: ElfFile): Map<number, number[]> {
  const starts = new Map<number, number[]>();
  for (const entry of elf.relocations) {
    const { symbol } = entry;
    if (
      symbol === undefined ||
      isDataSection(elf.sections[entry.target]) ||
      !isDataSection(elf.sections[symbol.section])
    )
      continue;
    const addend = relocatedWord(elf, entry);
    if (addend === undefined) continue;
    const at = symbol.value + addend;
    const exact = entry.type === R_386_PC32 ? [at - 1, at - 2].filter((place) => place % 4 === 0) : [at];
    starts.set(symbol.section, [...(starts.get(symbol.section) ?? []), ...exact]);
  }
  for (const places of starts.values()) places.sort((a, b) => a - b);
  return starts;
}

/** Where the relocated words of data sections point. A word relative to itself is a table's entry, relative to its begin. */
function relocatedPointers(elf: ElfFile, code: CodeSpace): number[] {
  const found: number[] = [];
  const starts = tableStarts(elf);
  for (const entry of elf.relocations) {
    const { target, type, offset, symbol } = entry;
    const section = elf.sections[target];
    if (symbol === undefined || !isDataSection(section) || section?.name === '.eh_frame') continue;
    const addend = relocatedWord(elf, entry);
    if (addend === undefined) continue;
    const start = starts.get(target)?.findLast((place) => place <= offset);
    if (type === R_386_PC32 && start === undefined) continue;
    const into = type === R_386_PC32 ? offset - (start ?? offset) : 0;
    const address = code.addressOf({ section: symbol.section, address: symbol.value + addend - into });
    if (address !== undefined) found.push(address);
  }
  return found;
}

/** In linked files: words of read-only data that are an address in the code, by themselves or from the GOT. */
function plainPointers(elf: ElfFile, code: CodeSpace): number[] {
  const got = (elf.findSection('.got.plt') ?? elf.findSection('.got'))?.addr;
  const found: number[] = [];
  for (const section of elf.sections) {
    if (!/^\.(?:rodata|data\.rel\.ro)/.test(section.name)) continue;
    const bytes = sectionBytes(elf, section);
    if (bytes === undefined) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const word = view.getUint32(at, true);
      if (code.regionAt(word) !== undefined) found.push(word);
      const relative = got === undefined ? 0 : (got + word) >>> 0;
      if (got !== undefined && code.regionAt(relative) !== undefined) found.push(relative);
    }
  }
  return found;
}

function within(sorted: readonly number[], start: number, end: number): number[] {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  const found: number[] = [];
  for (let i = low; (sorted[i] ?? end) < end; i++) found.push(sorted[i] ?? 0);
  return found;
}

export function makeHints(elf: ElfFile, code: CodeSpace): Hints {
  const pointers = sortedUnique(elf.type === 'REL' ? relocatedPointers(elf, code) : plainPointers(elf, code));
  const entries = sortedUnique(
    elf.symbols.flatMap(({ type, section, value }) => {
      const address = type === 'FUNC' ? code.addressOf({ section, address: value }) : undefined;
      return address === undefined ? [] : [address];
    }),
  );
  return {
    pointedTo: (start, end) => within(pointers, start, end),
    entriesIn: (start, end) => within(entries, start, end),
    landingPad: makeLandingPads(elf, code),
  };
}
