// The stretches of code that frame descriptions cover, by address: which row holds where, and what was found there.
import type { ElfFile } from '../../elf/index.js';
import type { Frames } from '../frames.js';
import type { RowTable } from '../rows.js';
import type { Cie, FrameSection, Pointer, Row } from '../types.js';
import type { CodeSpace } from './code.js';
import { thunkRegister } from './thunks.js';

/** One described stretch of code in the file's address space. */
export interface CheckedFunction {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly fdeOffset: number;
  readonly cie: Cie;
  readonly lsda: Pointer | undefined;
  /** A register it changes by agreement with its callers. */
  readonly lost: number | undefined;
  /** Undefined where the description is broken, and outside of it. */
  readonly rowAt: (address: number) => Row | undefined;
}

export interface Uncovered {
  readonly fdeOffset: number;
  readonly name: string;
  readonly reason: string;
}

export interface FunctionList {
  readonly section: FrameSection;
  /** By address, without overlap. */
  readonly functions: readonly CheckedFunction[];
  /** Descriptions of nothing that can be looked at. */
  readonly uncovered: readonly Uncovered[];
}

/** Row numbers by offset: lookups happen once an instruction. */
function makeRowAt(
  { rows, problem }: RowTable,
  start: number,
  size: number,
  shift: number,
): CheckedFunction['rowAt'] {
  const index = new Int32Array(size).fill(-1);
  rows.forEach((row, i) => {
    const from = row.address + shift - start;
    if (from < 0 || from >= size) return;
    const next = rows[i + 1]?.address ?? problem?.address;
    index.fill(i, from, next === undefined ? size : Math.max(from, next + shift - start));
  });
  return (address) => rows[index[address - start] ?? -1];
}

export type NameAt = (address: number, end: number) => string | undefined;

/** Names of functions by address; `end` bounds the search when no symbol is at the address itself. */
export function makeNameAt(elf: ElfFile, code: CodeSpace): NameAt {
  const names = new Map<number, string>();
  for (const symbol of elf.symbols) {
    if (symbol.name === '' || !['FUNC', 'IFUNC', 'NOTYPE'].includes(symbol.type)) continue;
    const address = code.addressOf({ section: symbol.section, address: symbol.value });
    if (address === undefined || symbol.section === 0) continue;
    const known = names.get(address);
    const better =
      known === undefined ||
      symbol.name.length < known.length ||
      (symbol.name.length === known.length && symbol.name < known);
    if (better) names.set(address, symbol.name);
  }
  // A trampoline's description starts a byte before it.
  return (address, end) => names.get(address) ?? (address + 1 < end ? names.get(address + 1) : undefined);
}

/** All functions of one table; of two descriptions of the same bytes the first keeps them. */
export function listFunctions(frames: Frames, code: CodeSpace, nameAt: NameAt): FunctionList {
  const functions: CheckedFunction[] = [];
  const uncovered: Uncovered[] = [];
  for (const table of frames.rows) {
    const { fde } = table;
    const start = code.addressOf(fde.start);
    const region = start === undefined ? undefined : code.regionAt(start);
    const fdeOffset = fde.offset;
    if (start === undefined || region === undefined) {
      uncovered.push({
        fdeOffset,
        name: '?',
        reason: 'it describes an address that is not in the file’s code',
      });
      continue;
    }
    const end = Math.min(start + fde.size, region.base + region.bytes.length);
    const place = `${region.name}+0x${(start - (region.section === 0 ? 0 : region.base)).toString(16)}`;
    const name = nameAt(start, end) ?? place;
    if (end <= start) {
      uncovered.push({ fdeOffset, name, reason: 'it describes no bytes' });
      continue;
    }
    const lost = thunkRegister(name, code.bytesAt(start, 4));
    const rowAt = makeRowAt(table, start, end - start, start - fde.start.address);
    functions.push({ name, start, end, fdeOffset, cie: fde.cie, lsda: fde.lsda, lost, rowAt });
  }
  functions.sort((a, b) => a.start - b.start || a.fdeOffset - b.fdeOffset);
  return { section: frames.section, ...withoutOverlap(functions, uncovered) };
}

function withoutOverlap(
  sorted: readonly CheckedFunction[],
  uncovered: Uncovered[],
): { functions: CheckedFunction[]; uncovered: Uncovered[] } {
  const functions: CheckedFunction[] = [];
  for (const candidate of sorted) {
    const last = functions.at(-1);
    if (last === undefined || candidate.start >= last.end) functions.push(candidate);
    else {
      const reason = `its bytes are described by the entry at 0x${last.fdeOffset.toString(16)} too`;
      uncovered.push({ fdeOffset: candidate.fdeOffset, name: candidate.name, reason });
    }
  }
  return { functions, uncovered };
}

/** The function that an address belongs to. */
export function functionAt(
  functions: readonly CheckedFunction[],
  address: number,
): CheckedFunction | undefined {
  let low = 0;
  let high = functions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((functions[middle]?.start ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  const found = functions[low - 1];
  return found !== undefined && address < found.end ? found : undefined;
}
