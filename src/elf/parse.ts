// ELF32 little-endian i386 files: executables, shared objects (the vDSO), relocatable objects.
// SOURCE: System V ABI with the Intel386 supplement. Total: any bytes give a result, in time linear in their number
// (but for the sort of the symbols); nothing is trusted that was not checked against the file's end.
import { PT } from './constants.js';
import { readDynamic, readNotes, readRelocations } from './contents.js';
import { readHeader } from './header.js';
import { makeFindSymbol, makeSymbolAt } from './lookup.js';
import { ElfFormatError, Reader } from './reader.js';
import { readSymbols } from './symbols.js';
import { readSections, readSegments } from './tables.js';
import { latin1 } from './text.js';
import type { ElfFile, ElfResult, ElfSegment } from './types.js';

function interpreterOf(reader: Reader, segments: readonly ElfSegment[]): string | undefined {
  const segment = segments.find((s) => s.type === PT.INTERP);
  if (segment === undefined) return undefined;
  return latin1(reader.slice(segment.offset, segment.filesz, 'interpreter path')).replace(/\0.*$/s, '');
}

/** A function that is built from `make` at its first call: few readers need every index. */
function lazily<Key, Value>(make: () => (key: Key) => Value): (key: Key) => Value {
  let made: ((key: Key) => Value) | undefined;
  return (key) => {
    made ??= make();
    return made(key);
  };
}

function read(bytes: Uint8Array, name: string): ElfFile {
  const reader = new Reader(bytes, name);
  const header = readHeader(reader);
  const segments = readSegments(reader, header);
  const sections = readSections(reader, header);
  const symbols = readSymbols(reader, sections);
  const stack = segments.find((s) => s.type === PT.GNU_STACK);
  return {
    name,
    bytes,
    type: header.type,
    entry: header.entry,
    phoff: header.phoff,
    segments,
    sections,
    symbols,
    notes: readNotes(reader, sections, segments),
    dynamic: readDynamic(reader, segments),
    relocations: readRelocations(reader, sections, symbols),
    interpreter: interpreterOf(reader, segments),
    executableStack: stack === undefined || (stack.flags & 1) !== 0,
    tls: segments.find((s) => s.type === PT.TLS),
    symbolAt: lazily(() => (header.type === 'REL' ? () => undefined : makeSymbolAt(symbols, sections))),
    findSymbol: lazily(() => makeFindSymbol(symbols)),
    findSection: lazily(() => (wanted) => sections.find((section) => section.name === wanted)),
  };
}

/**
 * Reads an ELF32 i386 file. `name` is what error messages call it.
 * Never throws on bad input; the file's bytes are kept, not copied.
 */
export function parseElf(bytes: Uint8Array, name: string): ElfResult {
  try {
    return { ok: true, elf: read(bytes, name) };
  } catch (error) {
    if (error instanceof ElfFormatError) {
      return { ok: false, error: { code: error.code, message: error.message } };
    }
    throw error;
  }
}
