// A copy of an image with more exported code: the code and new symbol tables are put on pages behind the file, the segment
// grows over them, and section headers and dynamic entries are led there. Everything that was in the image stays where it
// was, byte for byte but for headers and dynamic entries. SOURCE: System V ABI chapters 4 and 5, elf(5).
import { type ElfFile, type ElfSection, PT, parseElf, sectionBytes } from '../elf/index.js';
import { loadVdso } from './load.js';
import { type AddedSymbol, addSymbols, concat, gnuTable, symbolNames, sysvTable } from './symbol-tables.js';
import type { VdsoImage, VdsoResult } from './types.js';

const PAGE_BYTES = 4096;
const SECTION_HEADER_BYTES = 40;

export interface AddedCode {
  /** Linked to run at codeAddress(image). */
  readonly bytes: Uint8Array;
  readonly symbols: readonly AddedSymbol[];
}

/** Where added code will lie, in the image's own addresses. */
export function codeAddress({ bytes, base }: VdsoImage): number {
  return base + Math.ceil(bytes.length / PAGE_BYTES) * PAGE_BYTES;
}

interface NewSection {
  readonly name: string;
  /** The dynamic entry that points at it, and the one that holds its size. */
  readonly tag: number | null;
  readonly sizeTag: number | null;
  readonly bytes: Uint8Array;
}

const DT_HASH = 4;
const DT_STRTAB = 5;
const DT_SYMTAB = 6;
const DT_STRSZ = 10;
const DT_GNU_HASH = 0x6ffffef5;
const DT_VERSYM = 0x6ffffff0;

/** The image with the code and its symbols; an error when it has no section headers or dynamic symbols to extend. */
export function extendVdso(image: VdsoImage, code: AddedCode): VdsoResult {
  const { elf, id } = image;
  const text = elf.sections[elf.findSymbol('__kernel_vsyscall')?.section ?? 0];
  const tables = newTables(elf, code.symbols);
  if (text === undefined || tables === null)
    return { ok: false, error: { code: 'not-a-vdso', message: `${id}: no dynamic symbols to add to` } };
  const start = codeAddress(image) - image.base;
  const placed: { section: NewSection; offset: number }[] = [];
  let end = align(start + code.bytes.length);
  for (const section of tables) {
    placed.push({ section, offset: end });
    end = align(end + section.bytes.length);
  }
  const headers = end;
  const bytes = new Uint8Array(headers + (elf.sections.length + 1) * SECTION_HEADER_BYTES);
  bytes.set(image.bytes);
  bytes.set(code.bytes, start);
  for (const { section, offset } of placed) bytes.set(section.bytes, offset);
  moveHeaders(bytes, elf, headers);
  const view = new DataView(bytes.buffer);
  writeCodeHeader(view, headers, { elf, text, offset: start, base: image.base, size: code.bytes.length });
  for (const { section, offset } of placed) {
    const index = elf.findSection(section.name)?.index ?? 0;
    const at = headers + index * SECTION_HEADER_BYTES;
    view.setUint32(at + 12, image.base + offset, true);
    view.setUint32(at + 16, offset, true);
    view.setUint32(at + 20, section.bytes.length, true);
    if (section.tag !== null) setDynamic(view, elf, section.tag, image.base + offset);
    if (section.sizeTag !== null) setDynamic(view, elf, section.sizeTag, section.bytes.length);
  }
  growSegment(view, elf, bytes.length);
  const again = parseElf(bytes, id);
  if (!again.ok) return { ok: false, error: { code: 'bad-elf', message: again.error.message } };
  return loadVdso(bytes, { id, flavour: image.flavour });
}

function align(offset: number): number {
  return Math.ceil(offset / 16) * 16;
}

/** The tables as they must be with the new symbols; only those that the image has. */
function newTables(elf: ElfFile, added: readonly AddedSymbol[]): NewSection[] | null {
  const part = (name: string) => {
    const section = elf.findSection(name);
    return section === undefined ? undefined : sectionBytes(elf, section);
  };
  const [symbols, strings] = [part('.dynsym'), part('.dynstr')];
  if (symbols === undefined || strings === undefined) return null;
  const tables = addSymbols({ symbols, strings }, added, elf.sections.length);
  const names = symbolNames(tables);
  const all: NewSection[] = [
    { name: '.dynsym', tag: DT_SYMTAB, sizeTag: null, bytes: tables.symbols },
    { name: '.dynstr', tag: DT_STRTAB, sizeTag: DT_STRSZ, bytes: tables.strings },
    { name: '.hash', tag: DT_HASH, sizeTag: null, bytes: sysvTable(names) },
    { name: '.gnu.hash', tag: DT_GNU_HASH, sizeTag: null, bytes: gnuTable(names) },
  ];
  const versions = part('.gnu.version');
  if (versions !== undefined) {
    const bytes = addVersions(versions, names.indexOf('__kernel_vsyscall'), added.length);
    all.push({ name: '.gnu.version', tag: DT_VERSYM, sizeTag: null, bytes });
  }
  return all.filter(({ name }) => elf.findSection(name) !== undefined);
}

/** The new symbols have the version of `like`. */
function addVersions(versions: Uint8Array, like: number, count: number): Uint8Array {
  const one = versions.subarray(like * 2, like * 2 + 2);
  return concat([versions, ...Array.from({ length: count }, () => one)]);
}

/** e_shoff 32, e_shentsize 46, e_shnum 48. */
function moveHeaders(bytes: Uint8Array, elf: ElfFile, to: number): void {
  const view = new DataView(bytes.buffer);
  const from = view.getUint32(32, true);
  bytes.copyWithin(to, from, from + elf.sections.length * SECTION_HEADER_BYTES);
  view.setUint32(32, to, true);
  view.setUint16(48, elf.sections.length + 1, true);
}

interface CodeHeader {
  readonly elf: ElfFile;
  /** The section whose name, type and flags the new one shares. */
  readonly text: ElfSection;
  readonly offset: number;
  readonly base: number;
  readonly size: number;
}

function writeCodeHeader(view: DataView, headers: number, header: CodeHeader): void {
  const { elf, text, offset, base, size } = header;
  const like = headers + text.index * SECTION_HEADER_BYTES;
  const at = headers + elf.sections.length * SECTION_HEADER_BYTES;
  const name = view.getUint32(like, true);
  const fields = [name, text.type, text.flags, base + offset, offset, size, 0, 0, 16, 0];
  for (const [index, value] of fields.entries()) view.setUint32(at + index * 4, value, true);
}

function setDynamic(view: DataView, elf: ElfFile, tag: number, value: number): void {
  const offset = elf.segments.find(({ type }) => type === PT.DYNAMIC)?.offset;
  const index = elf.dynamic.findIndex((entry) => entry.tag === tag);
  if (offset !== undefined && index >= 0) view.setUint32(offset + index * 8 + 4, value, true);
}

/** p_filesz 16 and p_memsz 20 of the loaded segment. */
function growSegment(view: DataView, elf: ElfFile, size: number): void {
  const index = elf.segments.findIndex(({ type }) => type === PT.LOAD);
  const at = elf.phoff + index * 32;
  view.setUint32(at + 16, size, true);
  view.setUint32(at + 20, size, true);
}
