// One frame to its caller by a row. SOURCE: DWARF 5 section 6.4.4; i386 psABI section 2.2.3: a register without a rule
// that belongs to the caller is unchanged. ESP without a rule is the CFA.
import { evaluate } from '../expression.js';
import { type CfaRule, DWARF_REGISTER, type RegisterRule, type Row } from '../types.js';
import { type FrameState, type Memory, numberDomain } from './state.js';

export type Unwound =
  /** `registers` are the caller's, ESP among them; `returnAddress` null: declared lost, the stack ends here. */
  | {
      readonly kind: 'caller';
      readonly cfa: number;
      readonly returnAddress: number | null;
      readonly registers: readonly (number | null)[];
    }
  /** The row asks for something that is not there. */
  | { readonly kind: 'broken'; readonly what: string };

const GENERAL = 8;

function cfaOf(rule: CfaRule, state: FrameState, memory: Memory): number | null {
  if (rule.kind === 'expression') return evaluate(rule.expression, numberDomain(state, memory));
  const base = state.registers[rule.register] ?? null;
  return base === null ? null : (base + rule.offset) >>> 0;
}

/** What a rule gives; undefined when it cannot be had, null when it says that the value is lost. */
function ruled(
  rule: RegisterRule,
  own: number | null,
  cfa: number,
  state: FrameState,
  memory: Memory,
): number | null | undefined {
  switch (rule.kind) {
    case 'undefined':
      return null;
    case 'same':
      return own;
    case 'offset':
      return memory.readU32((cfa + rule.offset) >>> 0) ?? undefined;
    case 'valOffset':
      return (cfa + rule.offset) >>> 0;
    case 'register':
      return rule.register === GENERAL ? state.pc : (state.registers[rule.register] ?? undefined);
    case 'expression': {
      const at = evaluate(rule.expression, numberDomain(state, memory), [cfa]);
      return at === null ? undefined : (memory.readU32(at) ?? undefined);
    }
    case 'valExpression':
      return evaluate(rule.expression, numberDomain(state, memory), [cfa]) ?? undefined;
  }
}

/** Applies a row to a frame. `returnRegister` is the column of the return address, 8 on i386. */
export function unwindStep(row: Row, returnRegister: number, state: FrameState, memory: Memory): Unwound {
  if (row.cfa === undefined) return { kind: 'broken', what: 'there is no rule for the CFA' };
  const cfa = cfaOf(row.cfa, state, memory);
  if (cfa === null) return { kind: 'broken', what: 'the CFA cannot be computed' };
  const registers = [...state.registers];
  registers[DWARF_REGISTER.esp] = cfa;
  let returnAddress: number | null = null;
  let returns = false;
  for (const [register, rule] of row.registers) {
    const isReturn = register === returnRegister;
    if (register >= GENERAL && !isReturn) continue;
    const value = ruled(rule, state.registers[register] ?? null, cfa, state, memory);
    if (value === undefined) {
      if (isReturn) return { kind: 'broken', what: 'the return address cannot be read' };
      registers[register] = null;
    } else if (isReturn) {
      returnAddress = value;
      returns = true;
    } else registers[register] = value;
  }
  if (!returns) return { kind: 'broken', what: 'there is no rule for the return address' };
  return { kind: 'caller', cfa, returnAddress, registers };
}
