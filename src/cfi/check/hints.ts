// Ways through the code that the instructions do not show: what data points to (jump tables), landing pads, and symbols.
import { type ElfFile, sectionBytes } from '../../elf/index.js';
import type { Hints } from './analyse.js';
import { type CodeSpace, isDataSection } from './code.js';
import { makeLandingPads } from './lsda.js';

/** R_386_32, R_386_PC32, R_386_GOTOFF: words that hold a place in code. */
const POINTING: ReadonlySet<number> = new Set([1, 2, 9]);

function sortedUnique(addresses: Iterable<number>): number[] {
  return [...new Set(addresses)].sort((a, b) => a - b);
}

/** Where the relocated words of data sections point. */
function relocatedPointers(elf: ElfFile, code: CodeSpace): number[] {
  const found: number[] = [];
  for (const { target, type, offset, symbol } of elf.relocations) {
    const section = elf.sections[target];
    if (
      symbol === undefined ||
      section === undefined ||
      !isDataSection(section) ||
      section.name === '.eh_frame'
    )
      continue;
    const bytes = POINTING.has(type) ? sectionBytes(elf, section) : undefined;
    if (bytes === undefined || offset + 4 > bytes.length) continue;
    const addend = new DataView(bytes.buffer, bytes.byteOffset).getInt32(offset, true);
    const address = code.addressOf({ section: symbol.section, address: symbol.value + addend });
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
