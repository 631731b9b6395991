// The state that a row describes: what the check goes on from where it has not seen how the code is reached.
import { DWARF_REGISTER, type Row } from '../types.js';
import { ESP, makeState, type State } from './state.js';
import { CHANGED, cfaPlus, initial, UNKNOWN, type Value } from './value.js';

const { ra } = DWARF_REGISTER;

/** The state at a function's entry: the return address is at ESP, which is 4 below the CFA. */
export function entryState(): State {
  return makeState(new Map([[ESP, cfaPlus(-4)]]), new Map([[cfaPlus(-4), initial(ra)]]));
}

/** Whether a row is the one every function begins with. */
export function isEntryRow(row: Row): boolean {
  const { cfa, registers } = row;
  const plain = cfa?.kind === 'register' && cfa.register === ESP && cfa.offset === 4;
  return plain && [...registers.keys()].every((register) => register === ra);
}

/** Null for a row whose CFA is an expression: no register's value follows from it. */
export function adoptRow(row: Row): State | null {
  const { cfa } = row;
  if (cfa?.kind !== 'register' || cfa.register >= 8) return null;
  const known = new Map<number, Value>();
  const words = new Map<Value, Value>([[cfaPlus(-4), initial(ra)]]);
  known.set(ESP, UNKNOWN);
  for (const [register, rule] of row.registers) {
    if (rule.kind === 'offset') words.set(cfaPlus(rule.offset), initial(register));
    if (rule.kind === 'register') known.set(rule.register, initial(register));
    if (rule.kind !== 'same' && register < 8) known.set(register, CHANGED);
  }
  known.set(cfa.register, cfaPlus(-cfa.offset));
  return makeState(known, words);
}
