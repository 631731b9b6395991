// Dynamic symbol tables with more symbols at their end, and both hash tables over them, as plain bytes.
// Elf32_Sym: {name u32, value u32, size u32, info u8, other u8, shndx u16}. SysV hash: {nbucket, nchain, buckets, chains}.
// GNU hash: {nbuckets, symoffset, bloom_size, bloom_shift, bloom words, buckets, one hash a symbol, odd at a bucket's end}.
// SOURCE: System V ABI "Symbol Table", "Hash Table"; the GNU table as in binutils' elf.h and "DT_GNU_HASH".

export interface AddedSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
}

export interface TablePart {
  readonly symbols: Uint8Array;
  readonly strings: Uint8Array;
}

const SYMBOL_BYTES = 16;
const GLOBAL_FUNCTION = 0x12;

export function words(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value >>> 0, true);
  return bytes;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** `section` is the index of the section the added functions are in. */
export function addSymbols(old: TablePart, added: readonly AddedSymbol[], section: number): TablePart {
  let { symbols, strings } = old;
  for (const { name, value, size } of added) {
    const rest = words([GLOBAL_FUNCTION | (section << 16)]);
    symbols = concat([symbols, words([strings.length, value, size]), rest]);
    strings = concat([strings, new TextEncoder().encode(`${name}\0`)]);
  }
  return { symbols, strings };
}

/** Names by index; '' for the null symbol. */
export function symbolNames({ symbols, strings }: TablePart): string[] {
  const view = new DataView(symbols.buffer, symbols.byteOffset, symbols.byteLength);
  return Array.from({ length: symbols.length / SYMBOL_BYTES }, (_, index) => {
    const start = view.getUint32(index * SYMBOL_BYTES, true);
    const end = strings.indexOf(0, start);
    return new TextDecoder().decode(strings.subarray(start, end));
  });
}

function sysvHash(name: string): number {
  let hash = 0;
  for (const byte of new TextEncoder().encode(name)) {
    hash = ((hash << 4) + byte) >>> 0;
    const high = hash & 0xf0000000;
    hash = (hash ^ (high >>> 24)) & ~high;
  }
  return hash >>> 0;
}

export function sysvTable(names: readonly string[]): Uint8Array {
  const BUCKETS = 3;
  const buckets = Array.from({ length: BUCKETS }, () => 0);
  const chains = names.map(() => 0);
  for (const [index, name] of names.entries()) {
    if (index === 0) continue;
    const bucket = sysvHash(name) % BUCKETS;
    chains[index] = buckets[bucket] ?? 0;
    buckets[bucket] = index;
  }
  return words([BUCKETS, names.length, ...buckets, ...chains]);
}

function gnuHash(name: string): number {
  let hash = 5381;
  for (const byte of new TextEncoder().encode(name)) hash = (Math.imul(hash, 33) + byte) >>> 0;
  return hash;
}

/** One bucket, so that symbols may stay in any order, and a filter that lets every name through. */
export function gnuTable(names: readonly string[]): Uint8Array {
  const hashes = names.slice(1).map((name) => (gnuHash(name) & ~1) >>> 0);
  const last = hashes.length - 1;
  const chain = hashes.map((hash, index) => (index === last ? hash | 1 : hash));
  return words([1, 1, 1, 0, 0xffffffff, hashes.length === 0 ? 0 : 1, ...chain]);
}
