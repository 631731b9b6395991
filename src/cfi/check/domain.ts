// DWARF expressions over abstract values.
import { arithmetic, type ExpressionDomain } from '../expression.js';
import { load, registerOf, type State } from './state.js';
import { constant, distance, isConstant, isDefinite, offsetOf, plus, type Value } from './value.js';

/** `address` is the instruction's: register 8, the return address's column, reads as the program counter. */
export function abstractDomain(state: State, address: number): ExpressionDomain<Value> {
  const known = (value: Value): number | null => (isConstant(value) ? offsetOf(value) >>> 0 : null);
  return {
    constant,
    known,
    register: (number) => (number === 8 ? constant(address) : number < 8 ? registerOf(state, number) : null),
    load: (at, size) => (size === 4 && isDefinite(at) ? load(state, at) : null),
    binary: (operation, left, right) => {
      const [a, b] = [known(left), known(right)];
      if (a !== null && b !== null) {
        const result = arithmetic(operation, a, b);
        return result === null ? null : constant(result);
      }
      if (operation === 'plus' && b !== null) return plus(left, b);
      if (operation === 'plus' && a !== null) return plus(right, a);
      if (operation !== 'minus') return null;
      const gap = distance(right, left);
      return b !== null ? plus(left, -b) : gap === null ? null : constant(gap);
    },
  };
}
