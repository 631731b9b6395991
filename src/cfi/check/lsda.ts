// The call-site table of a function's language-specific data: which calls have a landing pad when unwound through.
// {LPStart encoding u8 [pointer], TType encoding u8 [uleb], call-site encoding u8, table size uleb, entries of
// {start, length, landing pad (0: none), action uleb}}, offsets from the function's start or LPStart.
// SOURCE: the Itanium C++ ABI's exception tables as GCC writes them for C (LSB core "Exception Frames").
import { type ElfFile, sectionBytes } from '../../elf/index.js';
import { CfiFormatError, Cursor } from '../bytes.js';
import { PE_OMIT, readPointer } from '../pointer.js';
import { type CfiSource, sourceOf } from '../source.js';
import type { Pointer } from '../types.js';
import type { CodeSpace } from './code.js';
import type { CheckedFunction } from './functions.js';

interface CallSite {
  readonly from: number;
  readonly to: number;
  readonly pad: number;
}

function readOffset(source: CfiSource, cursor: Cursor, encoding: number): number {
  // Offsets may have relocations in objects; without one the plain number is the offset.
  return readPointer(source, cursor, encoding & 15, 'call site')?.address ?? 0;
}

function readCallSites(source: CfiSource, at: number, start: number, code: CodeSpace): CallSite[] {
  const cursor = new Cursor(source.bytes, at);
  const padStartEncoding = cursor.u8('LPStart encoding');
  const padStart = readPointer(source, cursor, padStartEncoding, 'LPStart', start);
  if (cursor.u8('TType encoding') !== PE_OMIT) cursor.uleb('TType base');
  const encoding = cursor.u8('call-site encoding');
  const table = cursor.sub(cursor.uleb('call-site table size'), 'call-site table');
  const pads = padStart === undefined ? start : code.addressOf(padStart);
  const sites: CallSite[] = [];
  while (!table.done) {
    const from = start + readOffset(source, table, encoding);
    const to = from + readOffset(source, table, encoding);
    const pad = readOffset(source, table, encoding);
    table.uleb('action');
    if (pad !== 0 && pads !== undefined) sites.push({ from, to, pad: pads + pad });
  }
  return sites;
}

function sourceOfPointer(
  elf: ElfFile,
  { section, address }: Pointer,
): { source: CfiSource; at: number } | undefined {
  const home =
    elf.type === 'REL'
      ? elf.sections[section]
      : elf.sections.find((s) => s.addr !== 0 && address >= s.addr && address < s.addr + s.size);
  if (home === undefined || sectionBytes(elf, home) === undefined) return undefined;
  const source = sourceOf(elf, home);
  return source === undefined ? undefined : { source, at: address - source.address };
}

/** Looks up landing pads; a table that cannot be read has none. */
export function makeLandingPads(
  elf: ElfFile,
  code: CodeSpace,
): (fn: CheckedFunction, call: number) => number | undefined {
  const known = new Map<CheckedFunction, readonly CallSite[]>();
  const sitesOf = (fn: CheckedFunction): readonly CallSite[] => {
    const place = fn.lsda === undefined || fn.lsda.indirect ? undefined : sourceOfPointer(elf, fn.lsda);
    if (place === undefined) return [];
    try {
      return readCallSites(place.source, place.at, fn.start, code);
    } catch (error) {
      if (error instanceof CfiFormatError) return [];
      throw error;
    }
  };
  return (fn, call) => {
    let sites = known.get(fn);
    if (sites === undefined) {
      sites = sitesOf(fn);
      known.set(fn, sites);
    }
    return sites.find(({ from, to }) => call >= from && call < to)?.pad;
  };
}
