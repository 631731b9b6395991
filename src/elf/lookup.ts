// From address to symbol and from name to symbol, with one deterministic answer among aliases.
// An address belongs to the innermost sized symbol around it; hand-written assembly often has no sizes,
// so else to the nearest label before it in the same section (musl's cancellation point is found this way).
import { BIND_RANK, compareAliases, isPlace } from './aliases.js';
import { SHN } from './constants.js';
import type { ElfSection, ElfSymbol, SymbolPlace } from './types.js';

/** Index of the last entry with value <= address, or -1. */
function lastAtOrBefore(sorted: readonly ElfSymbol[], address: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.value ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Sorted by value, the best alias of each value first and the only one kept. */
function onePerAddress(symbols: readonly ElfSymbol[]): ElfSymbol[] {
  const sorted = [...symbols].sort((a, b) => a.value - b.value || compareAliases(a, b));
  return sorted.filter((symbol, at) => at === 0 || sorted[at - 1]?.value !== symbol.value);
}

export function makeSymbolAt(
  symbols: readonly ElfSymbol[],
  sections: readonly ElfSection[],
): (address: number) => SymbolPlace | undefined {
  const places = symbols.filter(isPlace);
  const labels = onePerAddress(places);
  // For a shared start keep the best alias; aliases of different size are rare and the longer one must still be seen.
  const sized = places.filter((s) => s.size > 0).sort((a, b) => a.value - b.value || compareAliases(b, a));
  const reach: number[] = [];
  for (const symbol of sized) reach.push(Math.max(reach.at(-1) ?? 0, symbol.value + symbol.size));
  return (address) => {
    for (let at = lastAtOrBefore(sized, address); at >= 0 && (reach[at] ?? 0) > address; at--) {
      const symbol = sized[at];
      if (symbol !== undefined && address < symbol.value + symbol.size) {
        return { symbol, offset: address - symbol.value };
      }
    }
    const label = labels[lastAtOrBefore(labels, address)];
    if (label === undefined || label.size > 0) return undefined;
    const home = sections[label.section];
    if (home !== undefined && (address < home.addr || address >= home.addr + Math.max(home.size, 1)))
      return undefined;
    return { symbol: label, offset: address - label.value };
  };
}

export function makeFindSymbol(symbols: readonly ElfSymbol[]): (name: string) => ElfSymbol | undefined {
  const best = new Map<string, ElfSymbol>();
  const undefinedLast = (s: ElfSymbol): number => (s.section === SHN.UNDEF ? 1 : 0);
  for (const symbol of symbols) {
    const known = best.get(symbol.name);
    const better =
      known === undefined ||
      (undefinedLast(symbol) - undefinedLast(known) || BIND_RANK[symbol.bind] - BIND_RANK[known.bind]) < 0;
    if (better && symbol.name !== '' && symbol.type !== 'SECTION' && symbol.type !== 'FILE') {
      best.set(symbol.name, symbol);
    }
  }
  return (name) => best.get(name);
}
