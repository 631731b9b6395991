// Names for the numbers of ELF32/i386 that sigsweep looks at.
// SOURCE: System V ABI chapters 4 and 5, Intel386 psABI table 4.9, elf(5).

export const PT = {
  LOAD: 1,
  DYNAMIC: 2,
  INTERP: 3,
  NOTE: 4,
  PHDR: 6,
  TLS: 7,
  GNU_EH_FRAME: 0x6474e550,
  GNU_STACK: 0x6474e551,
  GNU_RELRO: 0x6474e552,
} as const;

export const PF = { X: 1, W: 2, R: 4 } as const;

export const SHT = {
  NULL: 0,
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  RELA: 4,
  HASH: 5,
  DYNAMIC: 6,
  NOTE: 7,
  NOBITS: 8,
  REL: 9,
  DYNSYM: 11,
} as const;

export const SHF = { WRITE: 1, ALLOC: 2, EXECINSTR: 4, TLS: 0x400 } as const;

export const SHN = { UNDEF: 0, LORESERVE: 0xff00, ABS: 0xfff1, COMMON: 0xfff2, XINDEX: 0xffff } as const;

export const DT = {
  NULL: 0,
  NEEDED: 1,
  HASH: 4,
  STRTAB: 5,
  SYMTAB: 6,
  SONAME: 14,
  REL: 17,
  RELSZ: 18,
} as const;

const RELOCATION_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'R_386_NONE'],
  [1, 'R_386_32'],
  [2, 'R_386_PC32'],
  [3, 'R_386_GOT32'],
  [4, 'R_386_PLT32'],
  [5, 'R_386_COPY'],
  [6, 'R_386_GLOB_DAT'],
  [7, 'R_386_JUMP_SLOT'],
  [8, 'R_386_RELATIVE'],
  [9, 'R_386_GOTOFF'],
  [10, 'R_386_GOTPC'],
  [14, 'R_386_TLS_TPOFF'],
  [15, 'R_386_TLS_IE'],
  [16, 'R_386_TLS_GOTIE'],
  [17, 'R_386_TLS_LE'],
  [18, 'R_386_TLS_GD'],
  [19, 'R_386_TLS_LDM'],
  [20, 'R_386_16'],
  [21, 'R_386_PC16'],
  [22, 'R_386_8'],
  [23, 'R_386_PC8'],
  [32, 'R_386_TLS_LDO_32'],
  [34, 'R_386_TLS_LE_32'],
  [35, 'R_386_TLS_DTPMOD32'],
  [36, 'R_386_TLS_DTPOFF32'],
  [37, 'R_386_TLS_TPOFF32'],
  [38, 'R_386_SIZE32'],
  [39, 'R_386_TLS_GOTDESC'],
  [40, 'R_386_TLS_DESC_CALL'],
  [41, 'R_386_TLS_DESC'],
  [42, 'R_386_IRELATIVE'],
  [43, 'R_386_GOT32X'],
]);

/** The psABI's name of an i386 relocation type. */
export function relocationName(type: number): string {
  return RELOCATION_NAMES.get(type) ?? `R_386_${type}`;
}
