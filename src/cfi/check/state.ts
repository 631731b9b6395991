// The abstract machine state before an instruction: the eight registers and the words of the frame that are known.
// States are never changed in place: instructions that change nothing keep the same object.
import {
  CHANGED,
  distance,
  initial,
  isDefinite,
  isFrameAddress,
  joinValues,
  UNKNOWN,
  type Value,
} from './value.js';

export interface State {
  /** By x86 (= DWARF) number: eax ecx edx ebx esp ebp esi edi. */
  readonly registers: readonly Value[];
  /** Words in memory by their address; a word that is not here holds nothing of interest. */
  readonly words: ReadonlyMap<Value, Value>;
}

export const ESP = 4;
export const EBP = 5;

const NONE: ReadonlyMap<Value, Value> = new Map();

/** All registers as at the call, but for those given; the frame's words as given. */
export function makeState(known: ReadonlyMap<number, Value>, words: ReadonlyMap<Value, Value> = NONE): State {
  return { registers: Array.from({ length: 8 }, (_, r) => known.get(r) ?? initial(r)), words };
}

export function registerOf(state: State, register: number): Value {
  return state.registers[register] ?? UNKNOWN;
}

export function withRegister(state: State, register: number, value: Value): State {
  if (state.registers[register] === value) return state;
  const registers = [...state.registers];
  registers[register] = value;
  return { registers, words: state.words };
}

/** The word at an address; CHANGED when it holds nothing of interest, UNKNOWN when the address is not known. */
export function load(state: State, address: Value): Value {
  if (!isDefinite(address)) return address;
  return state.words.get(address) ?? CHANGED;
}

/** A store of `size` bytes. Through an address that is not known to be in the frame it changes nothing that is tracked. */
export function store(state: State, address: Value, value: Value, size: number): State {
  if (!isFrameAddress(address)) return state;
  const words = new Map(state.words);
  for (const known of state.words.keys()) {
    const gap = distance(address, known);
    if (gap !== null && gap > -4 && gap < size) words.delete(known);
  }
  if (size === 4 && isDefinite(value)) words.set(address, value);
  else if (words.size === state.words.size) return state;
  return { registers: state.registers, words };
}

/** Forgets the words below ESP: a signal handler's frame may overwrite them at any time. */
export function dropBelow(state: State): State {
  const esp = registerOf(state, ESP);
  let words: Map<Value, Value> | undefined;
  for (const known of state.words.keys()) {
    const gap = distance(esp, known);
    if (gap !== null && gap < 0) {
      words ??= new Map(state.words);
      words.delete(known);
    }
  }
  return words === undefined ? state : { registers: state.registers, words };
}

function joinRegisters(a: readonly Value[], b: readonly Value[]): readonly Value[] {
  let joined: Value[] | undefined;
  for (let r = 0; r < a.length; r++) {
    const value = a[r] ?? UNKNOWN;
    const result = joinValues(value, b[r] ?? UNKNOWN);
    if (result === value) continue;
    joined ??= [...a];
    joined[r] = result;
  }
  return joined ?? a;
}

function joinWords(a: ReadonlyMap<Value, Value>, b: ReadonlyMap<Value, Value>): ReadonlyMap<Value, Value> {
  if (a === b) return a;
  let joined: Map<Value, Value> | undefined;
  for (const [address, value] of a) {
    if (b.get(address) === value) continue;
    joined ??= new Map(a);
    joined.delete(address);
  }
  return joined ?? a;
}

/** What holds whichever of the two paths was taken; the first state itself when the second adds nothing. */
export function join(a: State, b: State): State {
  if (a === b) return a;
  const registers = joinRegisters(a.registers, b.registers);
  const words = joinWords(a.words, b.words);
  return registers === a.registers && words === a.words ? a : { registers, words };
}
