// The plain data a parsed ELF32/i386 file becomes.
// SOURCE: System V ABI, "Object Files"; Intel386 psABI supplement; elf(5).
// All addresses, offsets and sizes are unsigned 32-bit numbers in bytes.

export type ElfType = 'EXEC' | 'DYN' | 'REL';

export type ElfErrorCode =
  | 'empty'
  | 'not-elf'
  | 'elf64'
  | 'big-endian'
  | 'wrong-machine'
  | 'wrong-type'
  | 'truncated'
  | 'malformed';

export interface ElfError {
  readonly code: ElfErrorCode;
  /** One line: the file's name, what is wrong, where (hexadecimal file offset), what to do. */
  readonly message: string;
}

export type ElfResult =
  | { readonly ok: true; readonly elf: ElfFile }
  | { readonly ok: false; readonly error: ElfError };

/** One program header. `type` is the numeric p_type (see `PT`), `flags` the PF_X 1, PF_W 2, PF_R 4 bits. */
export interface ElfSegment {
  readonly type: number;
  readonly flags: number;
  readonly vaddr: number;
  readonly offset: number;
  readonly filesz: number;
  readonly memsz: number;
  readonly align: number;
}

/** One section header; `index` is its place in the table (0 is the null section). */
export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly addr: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly align: number;
  readonly entsize: number;
}

export type SymbolBind = 'LOCAL' | 'GLOBAL' | 'WEAK' | 'OTHER';
export type SymbolType =
  | 'NOTYPE'
  | 'OBJECT'
  | 'FUNC'
  | 'SECTION'
  | 'FILE'
  | 'COMMON'
  | 'TLS'
  | 'IFUNC'
  | 'OTHER';
export type SymbolVisibility = 'DEFAULT' | 'INTERNAL' | 'HIDDEN' | 'PROTECTED';

export interface ElfSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly bind: SymbolBind;
  readonly type: SymbolType;
  readonly visibility: SymbolVisibility;
  /** st_shndx: 0 undefined, 0xfff1 absolute, 0xfff2 common, else a section's index. */
  readonly section: number;
  readonly table: 'symtab' | 'dynsym';
  /** Place in its own table, as relocations refer to it. */
  readonly index: number;
}

export interface ElfNote {
  readonly name: string;
  readonly type: number;
  readonly desc: Uint8Array;
  /** The .note section it was found in, or '' when it came from a PT_NOTE segment. */
  readonly section: string;
}

export interface ElfDynamicEntry {
  readonly tag: number;
  readonly value: number;
}

/** One Elf32_Rel. The addend is the word at the place itself (i386 uses REL, not RELA). */
export interface ElfRelocation {
  /** Virtual address in EXEC and DYN files, offset in the target section in REL files. */
  readonly offset: number;
  readonly type: number;
  /** Such as 'R_386_PC32'; 'R_386_<n>' when unknown. */
  readonly typeName: string;
  readonly symbol: ElfSymbol | undefined;
  /** Name of the relocation section, such as '.rel.text'. */
  readonly section: string;
  /** sh_info: index of the section it applies to, 0 for dynamic relocations. */
  readonly target: number;
}

export interface SymbolPlace {
  readonly symbol: ElfSymbol;
  /** Bytes from the symbol's value to the address. */
  readonly offset: number;
}

export interface ElfFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly type: ElfType;
  readonly entry: number;
  /** File offset of the program headers, and their number: AT_PHDR and AT_PHNUM follow from them. */
  readonly phoff: number;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
  /** .symtab's entries, then .dynsym's, each in file order and without the null entry. */
  readonly symbols: readonly ElfSymbol[];
  readonly notes: readonly ElfNote[];
  readonly dynamic: readonly ElfDynamicEntry[];
  readonly relocations: readonly ElfRelocation[];
  /** PT_INTERP's path: present exactly in executables that need a dynamic loader. */
  readonly interpreter: string | undefined;
  /** PT_GNU_STACK says the stack is executable; without the header i386 Linux makes it executable. */
  readonly executableStack: boolean;
  readonly tls: ElfSegment | undefined;
  /** Nearest symbol for a virtual address; always undefined in REL files, whose values are section offsets. */
  readonly symbolAt: (address: number) => SymbolPlace | undefined;
  /** A symbol by exact name: a defined one before an undefined, global before weak before local. */
  readonly findSymbol: (name: string) => ElfSymbol | undefined;
  readonly findSection: (name: string) => ElfSection | undefined;
}
