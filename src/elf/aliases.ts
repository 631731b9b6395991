// Several symbols often stand at one address; which of them speaks for it must not depend on their order in the file.
import { SHN } from './constants.js';
import type { ElfSymbol } from './types.js';

/** Lower speaks first. */
export const BIND_RANK = { GLOBAL: 0, WEAK: 1, LOCAL: 2, OTHER: 3 } as const;

function kindRank(symbol: ElfSymbol): number {
  if (symbol.type === 'FUNC' || symbol.type === 'IFUNC') return 0;
  return symbol.type === 'NOTYPE' ? 2 : 1;
}

/** Which of two symbols at one address speaks for it: negative when `a` does. */
export function compareAliases(a: ElfSymbol, b: ElfSymbol): number {
  const text = a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  return (
    Number(a.size === 0) - Number(b.size === 0) ||
    kindRank(a) - kindRank(b) ||
    BIND_RANK[a.bind] - BIND_RANK[b.bind] ||
    a.name.length - b.name.length ||
    text ||
    a.index - b.index
  );
}

/** Whether a symbol marks a place in memory: not a file, a section, a thread-local offset or a number. */
export function isPlace(symbol: ElfSymbol): boolean {
  const located = symbol.section !== SHN.UNDEF && symbol.section < SHN.LORESERVE;
  const kind =
    symbol.type === 'FUNC' || symbol.type === 'IFUNC' || symbol.type === 'OBJECT' || symbol.type === 'NOTYPE';
  return located && kind && symbol.name !== '';
}
