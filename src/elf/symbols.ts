// Symbol tables: Elf32_Sym, 16 bytes {name u32, value u32, size u32, info u8 (bind << 4 | type), other u8, shndx u16}.
// A file has at most one SHT_SYMTAB and one SHT_DYNSYM. SOURCE: System V ABI "Symbol Table", elf(5).
import { SHT } from './constants.js';
import type { Reader } from './reader.js';
import type { ElfSection, ElfSymbol, SymbolBind, SymbolType, SymbolVisibility } from './types.js';

const SYM_BYTES = 16;
const BINDS: readonly SymbolBind[] = ['LOCAL', 'GLOBAL', 'WEAK'];
const TYPES: readonly SymbolType[] = ['NOTYPE', 'OBJECT', 'FUNC', 'SECTION', 'FILE', 'COMMON', 'TLS'];
const VISIBILITIES: readonly SymbolVisibility[] = ['DEFAULT', 'INTERNAL', 'HIDDEN', 'PROTECTED'];
const STT_GNU_IFUNC = 10;

function typeOf(info: number): SymbolType {
  const type = info & 15;
  return type === STT_GNU_IFUNC ? 'IFUNC' : (TYPES[type] ?? 'OTHER');
}

function readTable(reader: Reader, table: ElfSection, sections: readonly ElfSection[]): ElfSymbol[] {
  if (table.entsize !== SYM_BYTES) {
    throw reader.malformed(`section ${table.name} has symbols of ${table.entsize} bytes, not ${SYM_BYTES}`);
  }
  reader.need(table.offset, table.size, `symbol table ${table.name}`);
  const strings = sections[table.link];
  if (strings === undefined || strings.type !== SHT.STRTAB) {
    throw reader.malformed(
      `section ${table.name} takes its names from section ${table.link}, not a string table`,
    );
  }
  reader.need(strings.offset, strings.size, `string table ${strings.name}`);
  const symbols: ElfSymbol[] = [];
  const count = Math.floor(table.size / SYM_BYTES);
  for (let index = 1; index < count; index++) {
    const at = table.offset + index * SYM_BYTES;
    const info = reader.u8(at + 12);
    const type = typeOf(info);
    const section = reader.u16(at + 14);
    const own = reader.name(strings, reader.u32(at), `symbol ${index} of ${table.name}`);
    symbols.push({
      // A section symbol has no name of its own: it is spoken of by its section's.
      name: own === '' && type === 'SECTION' ? (sections[section]?.name ?? '') : own,
      value: reader.u32(at + 4),
      size: reader.u32(at + 8),
      bind: BINDS[info >> 4] ?? 'OTHER',
      type,
      visibility: VISIBILITIES[reader.u8(at + 13) & 3] ?? 'DEFAULT',
      section,
      table: table.type === SHT.DYNSYM ? 'dynsym' : 'symtab',
      index,
    });
  }
  return symbols;
}

/** The entries of .symtab and then .dynsym, each without its null entry. */
export function readSymbols(reader: Reader, sections: readonly ElfSection[]): ElfSymbol[] {
  const all: ElfSymbol[] = [];
  for (const type of [SHT.SYMTAB, SHT.DYNSYM]) {
    const table = sections.find((section) => section.type === type);
    if (table !== undefined) for (const symbol of readTable(reader, table, sections)) all.push(symbol);
  }
  return all;
}
