// The 52-byte Elf32_Ehdr: is this a file we run, and where are its tables?
// Layout: e_ident[16], type u16 @16, machine u16 @18, version @20, entry @24, phoff @28, shoff @32, flags @36,
// ehsize u16 @40, phentsize @42, phnum @44, shentsize @46, shnum @48, shstrndx @50. SOURCE: System V ABI, elf(5).
import { ElfFormatError, type Reader } from './reader.js';
import { hex } from './text.js';
import type { ElfErrorCode, ElfType } from './types.js';

const EHDR_BYTES = 52;
const EM_386 = 3;
const MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const TYPES: ReadonlyMap<number, ElfType> = new Map([
  [1, 'REL'],
  [2, 'EXEC'],
  [3, 'DYN'],
]);
const MACHINES: ReadonlyMap<number, string> = new Map([
  [8, 'MIPS'],
  [20, 'PowerPC'],
  [22, 'S/390'],
  [40, 'ARM'],
  [62, 'x86-64 (x32)'],
  [243, 'RISC-V'],
]);

export interface ElfHeader {
  readonly type: ElfType;
  readonly entry: number;
  readonly phoff: number;
  readonly phentsize: number;
  readonly phnum: number;
  readonly shoff: number;
  readonly shentsize: number;
  readonly shnum: number;
  readonly shstrndx: number;
}

function refuse(code: ElfErrorCode, reader: Reader, what: string): never {
  throw new ElfFormatError(code, `${reader.file} ${what}`);
}

function checkIdent(reader: Reader): void {
  const { bytes } = reader;
  if (bytes.length === 0) refuse('empty', reader, 'is empty: name an i386 (ELF32) file');
  if (MAGIC.some((byte, at) => at < bytes.length && bytes[at] !== byte)) {
    refuse('not-elf', reader, 'is not an ELF file (no 7f 45 4c 46 at offset 0x0): name an i386 executable');
  }
  if (bytes.length >= 5 && bytes[4] === 2) {
    refuse('elf64', reader, 'is a 64-bit ELF; sigsweep runs i386 (ELF32) executables: build with -m32');
  }
  reader.need(0, EHDR_BYTES, 'ELF header');
  if (bytes[4] !== 1) {
    refuse('malformed', reader, `has ELF class ${bytes[4]} at offset 0x4, which is neither 32 nor 64 bit`);
  }
  if (bytes[5] !== 1) {
    refuse(
      'big-endian',
      reader,
      'is not little-endian (offset 0x5): sigsweep runs i386 code, build with -m32',
    );
  }
}

export function readHeader(reader: Reader): ElfHeader {
  checkIdent(reader);
  const machine = reader.u16(18);
  if (machine !== EM_386) {
    const what = MACHINES.get(machine) ?? `machine ${machine}`;
    refuse('wrong-machine', reader, `is ELF32 code for ${what}, not for i386 (offset 0x12): build with -m32`);
  }
  const type = TYPES.get(reader.u16(16));
  if (type === undefined) {
    const what = reader.u16(16) === 4 ? 'a core dump' : `ELF type ${reader.u16(16)}`;
    refuse(
      'wrong-type',
      reader,
      `is ${what} (offset 0x10), neither executable, shared nor relocatable object`,
    );
  }
  const header = {
    type,
    entry: reader.u32(24),
    phoff: reader.u32(28),
    phentsize: reader.u16(42),
    phnum: reader.u16(44),
    shoff: reader.u32(32),
    shentsize: reader.u16(46),
    shnum: reader.u16(48),
    shstrndx: reader.u16(50),
  };
  if (header.phnum > 0 && header.phentsize !== 32) {
    throw reader.malformed(`program headers of ${header.phentsize} bytes (offset ${hex(42)}), not 32`);
  }
  if (header.shoff !== 0 && header.shentsize !== 40) {
    throw reader.malformed(`section headers of ${header.shentsize} bytes (offset ${hex(46)}), not 40`);
  }
  return header;
}
