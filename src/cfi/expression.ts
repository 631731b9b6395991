// DW_OP expressions as frame descriptions use them, over any kind of value: numbers when unwinding, abstract values in
// the static check. SOURCE: DWARF 5 section 2.5 and 7.7.1. Operations that need a debugger's context are not allowed in
// call frame information (section 6.4.2) and end the evaluation.
import { CfiFormatError, Cursor } from './bytes.js';

export type BinaryOperation =
  | 'and'
  | 'div'
  | 'minus'
  | 'mod'
  | 'mul'
  | 'or'
  | 'plus'
  | 'shl'
  | 'shr'
  | 'shra'
  | 'xor'
  | 'eq'
  | 'ge'
  | 'gt'
  | 'le'
  | 'lt'
  | 'ne';

/** What an expression is evaluated in; null where a value cannot be had. */
export interface ExpressionDomain<V> {
  readonly constant: (value: number) => V;
  readonly register: (number: number) => V | null;
  readonly load: (address: V, size: number) => V | null;
  readonly binary: (operation: BinaryOperation, left: V, right: V) => V | null;
  /** The number, when it is one: for branches. */
  readonly known: (value: V) => number | null;
}

const BINARY: ReadonlyMap<number, BinaryOperation> = new Map<number, BinaryOperation>([
  [0x1a, 'and'],
  [0x1b, 'div'],
  [0x1c, 'minus'],
  [0x1d, 'mod'],
  [0x1e, 'mul'],
  [0x21, 'or'],
  [0x22, 'plus'],
  [0x24, 'shl'],
  [0x25, 'shr'],
  [0x26, 'shra'],
  [0x27, 'xor'],
  [0x29, 'eq'],
  [0x2a, 'ge'],
  [0x2b, 'gt'],
  [0x2c, 'le'],
  [0x2d, 'lt'],
  [0x2e, 'ne'],
]);

/** Bound on operations: a branch backwards in a hostile file must not hang. */
const STEPS = 1000;

/** 32-bit arithmetic of the binary operations; null for a division by zero. */
export function arithmetic(operation: BinaryOperation, left: number, right: number): number | null {
  const [a, b] = [left | 0, right | 0];
  switch (operation) {
    case 'and':
      return (a & b) >>> 0;
    case 'or':
      return (a | b) >>> 0;
    case 'xor':
      return (a ^ b) >>> 0;
    case 'plus':
      return (a + b) >>> 0;
    case 'minus':
      return (a - b) >>> 0;
    case 'mul':
      return Math.imul(a, b) >>> 0;
    case 'div':
      return b === 0 ? null : Math.trunc(a / b) >>> 0;
    case 'mod':
      return b === 0 ? null : (left >>> 0) % (right >>> 0);
    case 'shl':
      return right >>> 0 > 31 ? 0 : (a << b) >>> 0;
    case 'shr':
      return right >>> 0 > 31 ? 0 : a >>> b;
    case 'shra':
      return (a >> Math.min(right >>> 0, 31)) >>> 0;
    case 'eq':
      return Number(a === b);
    case 'ne':
      return Number(a !== b);
    case 'ge':
      return Number(a >= b);
    case 'gt':
      return Number(a > b);
    case 'le':
      return Number(a <= b);
    case 'lt':
      return Number(a < b);
  }
}

/** A number that the opcode gives by itself: literals and constants; undefined for other opcodes. */
function constantOf(opcode: number, cursor: Cursor): number | undefined {
  if (opcode >= 0x30 && opcode <= 0x4f) return opcode - 0x30;
  switch (opcode) {
    case 0x03:
    case 0x0c:
    case 0x0d:
      return cursor.u32('constant');
    case 0x08:
      return cursor.u8('constant');
    case 0x09:
      return (cursor.u8('constant') << 24) >> 24;
    case 0x0a:
      return cursor.u16('constant');
    case 0x0b:
      return (cursor.u16('constant') << 16) >> 16;
    case 0x0e:
    case 0x0f:
      return cursor.u64Low('constant');
    case 0x10:
      return cursor.uleb('constant');
    case 0x11:
      return cursor.sleb('constant');
    default:
      return undefined;
  }
}

class Evaluation<V> {
  readonly stack: V[];
  readonly #domain: ExpressionDomain<V>;
  readonly #cursor: Cursor;

  constructor(expression: Uint8Array, domain: ExpressionDomain<V>, initial: readonly V[]) {
    this.stack = [...initial];
    this.#domain = domain;
    this.#cursor = new Cursor(expression);
  }

  #pop(): V {
    const value = this.stack.pop();
    if (value === undefined)
      throw new CfiFormatError(this.#cursor.at, 'the stack of the expression is empty');
    return value;
  }

  #pick(depth: number): V {
    const value = this.stack.at(-1 - depth);
    if (value === undefined)
      throw new CfiFormatError(this.#cursor.at, 'the stack of the expression is too short');
    return value;
  }

  #push(value: V | null): boolean {
    if (value !== null) this.stack.push(value);
    return value !== null;
  }

  #constant(value: number): V {
    return this.#domain.constant(value >>> 0);
  }

  #binary(operation: BinaryOperation, right: V): boolean {
    return this.#push(this.#domain.binary(operation, this.#pop(), right));
  }

  #registerPlus(register: number): boolean {
    const offset = this.#cursor.sleb('offset');
    const value = this.#domain.register(register);
    return value !== null && this.#push(this.#domain.binary('plus', value, this.#constant(offset)));
  }

  #branch(conditional: boolean): boolean {
    const delta = (this.#cursor.u16('branch') << 16) >> 16;
    const condition = conditional ? this.#domain.known(this.#pop()) : 1;
    if (condition === null) return false;
    const to = this.#cursor.at + delta;
    if (to < 0 || to > this.#cursor.end)
      throw new CfiFormatError(this.#cursor.at, 'a branch leaves the expression');
    if (condition !== 0) this.#cursor.at = to;
    return true;
  }

  /** Rearrangements of the stack; false when the opcode is none. */
  #shuffle(opcode: number): boolean {
    if (opcode === 0x12) this.stack.push(this.#pick(0));
    else if (opcode === 0x13) this.#pop();
    else if (opcode === 0x14) this.stack.push(this.#pick(1));
    else if (opcode === 0x15) this.stack.push(this.#pick(this.#cursor.u8('depth')));
    else if (opcode === 0x16) this.stack.push(...[this.#pop(), this.#pop()]);
    else if (opcode === 0x17) {
      const [first, second, third] = [this.#pop(), this.#pop(), this.#pop()];
      this.stack.push(first, third, second);
    } else return opcode === 0x96;
    return true;
  }

  /** One operation; false when its result cannot be had. */
  #step(): boolean {
    const cursor = this.#cursor;
    const opcode = cursor.u8('operation');
    const constant = constantOf(opcode, cursor);
    if (constant !== undefined) return this.#push(this.#constant(constant));
    const binary = BINARY.get(opcode);
    if (binary !== undefined) return this.#binary(binary, this.#pop());
    if (opcode >= 0x70 && opcode <= 0x8f) return this.#registerPlus(opcode - 0x70);
    if (opcode === 0x92) return this.#registerPlus(cursor.uleb('register'));
    if (opcode === 0x06) return this.#push(this.#domain.load(this.#pop(), 4));
    if (opcode === 0x94) return this.#push(this.#domain.load(this.#pop(), cursor.u8('size')));
    if (opcode === 0x23) return this.#binary('plus', this.#constant(cursor.uleb('addend')));
    if (opcode === 0x1f) return this.#push(this.#domain.binary('minus', this.#constant(0), this.#pop()));
    if (opcode === 0x20) return this.#binary('xor', this.#constant(0xffffffff));
    if (opcode === 0x2f || opcode === 0x28) return this.#branch(opcode === 0x28);
    if (this.#shuffle(opcode)) return true;
    throw new CfiFormatError(
      cursor.at,
      `operation 0x${opcode.toString(16)} has no place in a frame description`,
    );
  }

  run(): V | null {
    for (let steps = 0; !this.#cursor.done; steps++) {
      if (steps === STEPS) throw new CfiFormatError(this.#cursor.at, 'the expression does not end');
      if (!this.#step()) return null;
    }
    return this.#pop();
  }
}

/** The expression's result; null when a value cannot be had or the expression is bad. */
export function evaluate<V>(
  expression: Uint8Array,
  domain: ExpressionDomain<V>,
  initial: readonly V[] = [],
): V | null {
  try {
    return new Evaluation(expression, domain, initial).run();
  } catch (error) {
    if (error instanceof CfiFormatError) return null;
    throw error;
  }
}
