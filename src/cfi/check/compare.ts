// A row of a frame description against the true state: does it give the caller's ESP, return address and registers?
// SOURCE: i386 psABI section 2.2.3 (ebx, esi, edi, ebp belong to the caller), DWARF 5 section 6.4.
import { evaluate } from '../expression.js';
import { registerName } from '../text.js';
import { type CfaRule, DWARF_REGISTER, type RegisterRule, type Row } from '../types.js';
import { abstractDomain } from './domain.js';
import { load, registerOf, type State } from './state.js';
import { CHANGED, cfaPlus, initial, isDefinite, plus, UNKNOWN, type Value, valueText } from './value.js';

/** One column that does not hold. */
export interface Disagreement {
  /** 'CFA', or the register whose caller's value is not where the row says. */
  readonly column: string;
  /** What the row leads to, and what the code has made of it. */
  readonly declared: string;
  readonly actual: string;
}

export interface Comparison {
  readonly wrong: readonly Disagreement[];
  /** Columns about which nothing can be said, with the reason. */
  readonly open: readonly string[];
}

const { ra, esp } = DWARF_REGISTER;
const CALLEE_SAVED: readonly number[] = [
  DWARF_REGISTER.ebx,
  DWARF_REGISTER.ebp,
  DWARF_REGISTER.esi,
  DWARF_REGISTER.edi,
];
/** EAX, ECX, EDX: no caller counts on them, so a rule that leads to an overwritten one does no harm. */
const CALLER_SAVED: ReadonlySet<number> = new Set([
  DWARF_REGISTER.eax,
  DWARF_REGISTER.ecx,
  DWARF_REGISTER.edx,
]);
const ANOTHER_CONTEXT = 'the row describes a context that is being switched to, not the caller’s';
const TRUE_CFA = cfaPlus(0);
const RIGHT: Comparison = { wrong: [], open: [] };

const words = (value: Value): string => valueText(value, registerName);

export function cfaOf(cfa: CfaRule, state: State, address: number): Value {
  if (cfa.kind === 'expression') return evaluate(cfa.expression, abstractDomain(state, address)) ?? UNKNOWN;
  return cfa.register < 8 ? plus(registerOf(state, cfa.register), cfa.offset) : UNKNOWN;
}

/** The value a rule gives for the caller's register; null for one that is declared lost. */
function ruled(
  register: number,
  rule: RegisterRule | undefined,
  cfa: Value,
  state: State,
  address: number,
): Value | null {
  switch (rule?.kind) {
    case undefined:
      return register === esp ? cfa : register < 8 ? registerOf(state, register) : null;
    case 'undefined':
      return null;
    case 'same':
      return register < 8 ? registerOf(state, register) : UNKNOWN;
    case 'offset':
      return load(state, plus(cfa, rule.offset));
    case 'valOffset':
      return plus(cfa, rule.offset);
    case 'register':
      return rule.register < 8 ? registerOf(state, rule.register) : UNKNOWN;
    case 'expression': {
      const at = evaluate(rule.expression, abstractDomain(state, address), [cfa]);
      return at === null ? UNKNOWN : load(state, at);
    }
    case 'valExpression':
      return evaluate(rule.expression, abstractDomain(state, address), [cfa]) ?? UNKNOWN;
  }
}

/** Where the true value is, for the reader of a finding. */
function whereabouts(register: number, state: State): string {
  const wanted = register === esp ? TRUE_CFA : initial(register);
  if (register < 8 && registerOf(state, register) === wanted) return 'still in the register';
  const holder = state.registers.indexOf(wanted);
  if (holder >= 0) return `in ${registerName(holder)}`;
  for (const [at, value] of state.words) if (value === wanted) return `at ${words(at)}`;
  return 'nowhere that can be seen';
}

function declaredText(register: number, rule: RegisterRule | undefined, found: Value): string {
  const holds = found === UNKNOWN ? 'an unknown value' : words(found);
  if (rule === undefined) return `no rule (unchanged), but it holds ${holds}`;
  const place =
    rule.kind === 'offset' ? `at CFA${rule.offset < 0 ? '' : '+'}${rule.offset}` : `by its ${rule.kind} rule`;
  return `${registerName(register)} ${place}, where there is ${holds}`;
}

function compareCfa(cfa: Value, state: State, rule: CfaRule): Comparison {
  if (cfa === TRUE_CFA) return RIGHT;
  if (cfa === CHANGED && rule.kind === 'register' && CALLER_SAVED.has(rule.register))
    return { wrong: [], open: [ANOTHER_CONTEXT] };
  if (cfa === UNKNOWN) return { wrong: [], open: ['what the CFA is computed from is not known'] };
  const base =
    rule.kind === 'register'
      ? `${registerName(rule.register)}${rule.offset < 0 ? '' : '+'}${rule.offset}`
      : 'expression';
  const stack = registerOf(state, esp);
  const actual = `esp is ${words(stack)}`;
  return { wrong: [{ column: 'CFA', declared: `${base}, which is ${words(cfa)}`, actual }], open: [] };
}

const columns = new WeakMap<Row['registers'], readonly number[]>();

/** Registers a row speaks of: those it must preserve, those it has rules for, and the return address. */
function columnsOf({ registers }: Row, returnRegister: number): readonly number[] {
  const known = columns.get(registers);
  if (known !== undefined) return known;
  const made = [...new Set([...CALLEE_SAVED, ...registers.keys(), returnRegister])];
  columns.set(registers, made);
  return made;
}

/**
 * Compares a row with the state before the instruction at `address`. A row that declares the return address lost ends the
 * stack: nothing else of it is ever used. A signal frame's CFA may be any place, ESP has a rule of its own.
 * `lost` is a register that the function changes by agreement with its callers.
 */
export function compareRow(
  row: Row,
  state: State,
  address: number,
  returnRegister: number = ra,
  lost?: number,
): Comparison {
  if (row.registers.get(returnRegister)?.kind === 'undefined') return RIGHT;
  if (row.cfa === undefined)
    return {
      wrong: [{ column: 'CFA', declared: 'no rule', actual: `esp is ${words(registerOf(state, esp))}` }],
      open: [],
    };
  const cfa = cfaOf(row.cfa, state, address);
  if (!row.registers.has(esp)) {
    const compared = compareCfa(cfa, state, row.cfa);
    if (compared !== RIGHT) return compared;
  } else if (!isDefinite(cfa)) {
    return {
      wrong: [],
      open: [ANOTHER_CONTEXT],
    };
  }
  const wrong: Disagreement[] = [];
  const open: string[] = [];
  for (const register of columnsOf(row, returnRegister)) {
    const rule = row.registers.get(register);
    if (register === lost && rule === undefined) continue;
    const found = ruled(register, rule, cfa, state, address);
    if (found === null || found === (register === esp ? TRUE_CFA : initial(register))) continue;
    if (found === CHANGED && CALLER_SAVED.has(register)) continue;
    if (found === UNKNOWN) open.push(`${registerName(register)} is not known here`);
    else
      wrong.push({
        column: registerName(register),
        declared: declaredText(register, rule, found),
        actual: whereabouts(register, state),
      });
  }
  return wrong.length === 0 && open.length === 0 ? RIGHT : { wrong, open };
}
