// All frame information of a file: .eh_frame and .debug_frame by section, or without section headers the .eh_frame that
// PT_GNU_EH_FRAME leads to; each FDE with its rows.
import { bytesAt, type ElfFile, type ElfSection, PT } from '../elf/index.js';
import { readFrames } from './entries.js';
import { type FrameHeaderResult, readFrameHeader } from './header.js';
import { RowMaker, type RowTable } from './rows.js';
import { type CfiSource, sourceOf } from './source.js';
import type { CfiProblem, Cie, FrameSection, FrameTable, Row } from './types.js';

const SHF_COMPRESSED = 0x800;

export interface Frames extends FrameTable {
  /** Where the section starts in memory, to find an FDE by its address; 0 in relocatable objects. */
  readonly address: number;
  readonly rows: readonly RowTable[];
  /** What the FDEs of a CIE start from, at address 0; CIEs whose program is bad are not in it. */
  readonly initialRows: ReadonlyMap<Cie, Row>;
}

export interface FileFrames {
  readonly tables: readonly Frames[];
  readonly header: FrameHeaderResult | undefined;
  /** Those of the tables and of the programs of their FDEs, and sections that cannot be read at all. */
  readonly problems: readonly CfiProblem[];
}

const everything = 0xffffffff;

function sourceAt(elf: ElfFile, address: number): CfiSource | undefined {
  const bytes = bytesAt(elf, address, everything);
  if (bytes === undefined) return undefined;
  return { bytes, address, section: 0, relocated: () => undefined, textBase: undefined, dataBase: undefined };
}

function headerOf(elf: ElfFile): FrameHeaderResult | undefined {
  const section = elf.findSection('.eh_frame_hdr');
  const source = section === undefined ? undefined : sourceOf(elf, section);
  if (source !== undefined && elf.type !== 'REL') return readFrameHeader(source);
  const segment = elf.segments.find((s) => s.type === PT.GNU_EH_FRAME);
  const bytes = segment === undefined ? undefined : sourceAt(elf, segment.vaddr);
  return bytes === undefined ? undefined : readFrameHeader(bytes);
}

function kindOf(section: ElfSection): FrameSection | undefined {
  if (section.name === '.eh_frame') return 'eh_frame';
  return section.name === '.debug_frame' ? 'debug_frame' : undefined;
}

function makeFrames(source: CfiSource, kind: FrameSection): Frames {
  const table = readFrames(source, kind);
  const maker = new RowMaker(source);
  const initialRows = new Map<Cie, Row>();
  for (const cie of table.cies) {
    const row = maker.initialRow(cie);
    if (row !== undefined) initialRows.set(cie, row);
  }
  const rows = table.fdes.map((fde) => maker.rowsOf(fde));
  return { ...table, address: source.address, rows, initialRows };
}

function problemsOf(table: Frames): CfiProblem[] {
  const { section } = table;
  return [
    ...table.problems,
    ...table.rows.flatMap(({ problem }) => (problem === undefined ? [] : [{ section, ...problem }])),
  ];
}

/** Reads all frame information; never throws on bad input. */
export function readFileFrames(elf: ElfFile): FileFrames {
  const tables: Frames[] = [];
  const problems: CfiProblem[] = [];
  const header = headerOf(elf);
  for (const section of elf.sections) {
    const kind = kindOf(section);
    if (kind === undefined || section.size === 0) continue;
    const source = sourceOf(elf, section);
    if (source !== undefined && (section.flags & SHF_COMPRESSED) === 0) tables.push(makeFrames(source, kind));
    else {
      const message = source === undefined ? 'its bytes are not in the file' : 'it is compressed';
      problems.push({ section: kind, offset: 0, message });
    }
  }
  if (elf.sections.length === 0 && header?.ok === true && header.header.frames !== undefined) {
    const source = sourceAt(elf, header.header.frames);
    if (source !== undefined) tables.push(makeFrames(source, 'eh_frame'));
  }
  if (header?.ok === false) {
    problems.push({ section: 'eh_frame_hdr', offset: header.offset, message: header.message });
  }
  return { tables, header, problems: [...problems, ...tables.flatMap(problemsOf)] };
}
