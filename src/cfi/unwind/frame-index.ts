// The frame descriptions of all that is mapped in a process, by address. Rows are made when they are first asked for.
import type { ElfFile } from '../../elf/index.js';
import { readFrames } from '../entries.js';
import { RowMaker, type RowTable, rowAt } from '../rows.js';
import { sourceOf } from '../source.js';
import type { Fde, FrameTable, Row } from '../types.js';

/** A file with frame descriptions and how far it is moved from its own addresses. */
export interface Module {
  readonly elf: ElfFile;
  /** Address in the process minus address in the file. */
  readonly bias: number;
}

/** A description as one process sees it. */
export interface Description {
  readonly fde: Fde;
  /** Address of its first byte in the process. */
  readonly start: number;
  /** The row for an address of the process; before its begin that of its CIE; undefined where it cannot be read. */
  readonly rowFor: (address: number) => Row | undefined;
}

interface Section {
  readonly table: FrameTable;
  readonly maker: RowMaker;
  /** By address, without order kept among equal ones. */
  readonly sorted: readonly Fde[];
  readonly rows: Map<Fde, RowTable>;
}

/** A file's section is read once, however many processes map it. */
const sections = new WeakMap<ElfFile, Section | null>();

function readSection(elf: ElfFile): Section | null {
  const section = elf.findSection('.eh_frame');
  const source = section === undefined ? undefined : sourceOf(elf, section);
  if (source === undefined) return null;
  const table = readFrames(source, 'eh_frame');
  const sorted = [...table.fdes].sort((a, b) => a.start.address - b.start.address);
  return { table, maker: new RowMaker(source), sorted, rows: new Map() };
}

function sectionOf(elf: ElfFile): Section | null {
  const known = sections.get(elf);
  if (known !== undefined) return known;
  const read = readSection(elf);
  sections.set(elf, read);
  return read;
}

function fdeAt({ sorted }: Section, address: number): Fde | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.start.address ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  const found = sorted[low - 1];
  return found !== undefined && address < found.start.address + found.size ? found : undefined;
}

function describe(section: Section, fde: Fde, bias: number): Description {
  const rows = new Map<number, Row | undefined>();
  const find = (address: number): Row | undefined => {
    const place = (address - bias) >>> 0;
    if (place < fde.start.address) return section.maker.initialRow(fde.cie);
    const table = section.rows.get(fde) ?? section.maker.rowsOf(fde);
    section.rows.set(fde, table);
    return rowAt(table, place);
  };
  return {
    fde,
    start: (fde.start.address + bias) >>> 0,
    rowFor: (address) => {
      if (!rows.has(address)) rows.set(address, find(address));
      return rows.get(address);
    },
  };
}

/** Looks up descriptions by address; every answer is kept. */
export class FrameIndex {
  readonly #modules: readonly Module[];
  readonly #byFde = new Map<Fde, Description>();
  readonly #byAddress = new Map<number, Description | null>();

  constructor(modules: readonly Module[]) {
    this.#modules = modules;
  }

  /** The description that covers an address; null when there is none. */
  find(address: number): Description | null {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    const found = this.#search(address);
    this.#byAddress.set(address, found);
    return found;
  }

  #search(address: number): Description | null {
    for (const { elf, bias } of this.#modules) {
      const section = sectionOf(elf);
      const fde = section === null ? undefined : fdeAt(section, (address - bias) >>> 0);
      if (section === null || fde === undefined) continue;
      const made = this.#byFde.get(fde) ?? describe(section, fde, bias);
      this.#byFde.set(fde, made);
      return made;
    }
    return null;
  }
}
