// The ELF32/i386 reader's public face.
export { type ArchiveMember, type ArchiveResult, parseArchive } from './archive.js';
export { DT, PF, PT, relocationName, SHF, SHN, SHT } from './constants.js';
export { bytesAt, fileOffset, sectionBytes } from './content.js';
export { parseElf } from './parse.js';
export type * from './types.js';
