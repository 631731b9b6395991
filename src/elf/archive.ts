// System V / GNU `ar` archives: '!<arch>\n', then members on even offsets, each with a 60-byte text header
// {name 16, date 12, uid 6, gid 6, mode 8, size 10, '`\n'}. '/' is the symbol index, '//' the table of long names,
// '/123' a name at offset 123 of it (ends with '/\n'). SOURCE: ar(5), binutils' documented GNU variant.
import { ElfFormatError } from './reader.js';
import { hex, latin1 } from './text.js';
import type { ElfError } from './types.js';

export interface ArchiveMember {
  readonly name: string;
  /** Offset of the member's content in the archive. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export type ArchiveResult =
  | { readonly ok: true; readonly members: readonly ArchiveMember[] }
  | { readonly ok: false; readonly error: ElfError };

const MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;

function memberName(field: string, longNames: string, where: string): string {
  const long = /^\/(\d+)$/.exec(field);
  if (long === null) return field.replace(/\/$/, '');
  const start = Number(long[1]);
  const end = longNames.indexOf('/\n', start);
  if (start >= longNames.length || end < 0) {
    throw new ElfFormatError('malformed', `${where}: its long name at ${start} is not in the name table`);
  }
  return longNames.slice(start, end);
}

function readMembers(bytes: Uint8Array, file: string): ArchiveMember[] {
  const members: ArchiveMember[] = [];
  let longNames = '';
  for (let at = MAGIC.length; at < bytes.length; ) {
    const where = `${file}: archive member at offset ${hex(at)}`;
    if (at + HEADER_BYTES > bytes.length)
      throw new ElfFormatError('truncated', `${where}: its header is cut off`);
    const header = latin1(bytes.subarray(at, at + HEADER_BYTES));
    const sizeText = header.slice(48, 58).trim();
    if (header.slice(58) !== '`\n' || !/^\d+$/.test(sizeText)) {
      throw new ElfFormatError('malformed', `${where}: not a member header`);
    }
    const offset = at + HEADER_BYTES;
    const size = Number(sizeText);
    if (offset + size > bytes.length) {
      throw new ElfFormatError('truncated', `${where}: ${size} bytes said, ${bytes.length - offset} there`);
    }
    const content = bytes.subarray(offset, offset + size);
    const field = header.slice(0, 16).trimEnd();
    if (field === '//') longNames = latin1(content);
    else if (field !== '/' && field !== '/SYM64/') {
      members.push({ name: memberName(field, longNames, where), offset, bytes: content });
    }
    at = offset + size + (size & 1);
  }
  return members;
}

/** Reads an archive's members (views into `bytes`), without its index and name table. Never throws on bad input. */
export function parseArchive(bytes: Uint8Array, file: string): ArchiveResult {
  try {
    if (latin1(bytes.subarray(0, MAGIC.length)) !== MAGIC) {
      throw new ElfFormatError('malformed', `${file} is not an ar archive: it does not start with !<arch>`);
    }
    return { ok: true, members: readMembers(bytes, file) };
  } catch (error) {
    if (error instanceof ElfFormatError) {
      return { ok: false, error: { code: error.code, message: error.message } };
    }
    throw error;
  }
}
