// Every mutant of flat assembly that differs in one directive of the frame description: dropped, or its number off by four.
// SOURCE: the manual of as, "CFI directives".
import { placesOf } from './code.js';
import type { Change, Item } from './types.js';

/** Without these there is no description left, or it does not assemble. */
const FRAME_OF_ALL = /^\.cfi_(?:startproc|endproc|sections)\b/;
const NUMBERED = /^\.cfi_(?:adjust_cfa_offset|rel_offset|offset|def_cfa|def_cfa_offset)\b/;

/** Escapes hold offsets as two bytes of SLEB128 after the operation: the fifth is the low one where the others are `0x74`. */
function offByFour(text: string): string | null {
  if (NUMBERED.test(text)) return `${text} + 4`;
  const escaped = /^(\.cfi_escape 0x(?:10|0?f), ?[^,]+,(?: ?3,)? ?0x74, ?)([^,]+)(,.*)$/.exec(text);
  return escaped === null ? null : `${escaped[1]}(${escaped[2]}) ^ 4${escaped[3]}`;
}

export function frameChanges(items: readonly Item[]): Change[] {
  const places = placesOf(items);
  const seen = new Map<string, number>();
  return items.flatMap((item, at): Change[] => {
    if (item.kind !== 'cfi' || FRAME_OF_ALL.test(item.text)) return [];
    const base = `${places[at]} ${item.text}`;
    const nth = (seen.get(base) ?? 0) + 1;
    seen.set(base, nth);
    const name = nth === 1 ? base : `${base} (${nth})`;
    const off = offByFour(item.text);
    const dropped = items.filter((_, i) => i !== at);
    const changed = items.map((one, i) => (i === at && off !== null ? { ...one, text: off } : one));
    return [
      { name: `${name}: dropped`, kind: 'cfi dropped', items: dropped },
      ...(off === null
        ? []
        : ([{ name: `${name}: off by four`, kind: 'cfi off by four', items: changed }] as const)),
    ];
  });
}
