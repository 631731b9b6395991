// Runs the operations of a frame description and gives the table it stands for, one row for every advance.
// SOURCE: DWARF 5 section 6.4.3 "Call Frame Instruction Usage".
import { CfiFormatError } from './bytes.js';
import { type Operation, operations } from './operations.js';
import type { CfiSource } from './source.js';
import type { CfaRule, Cie, Fde, RegisterRule, Row } from './types.js';

export interface RowTable {
  readonly fde: Fde;
  /** By address; an advance by 0 leaves two rows of one address, of which the last holds. Ends before `problem`. */
  readonly rows: readonly Row[];
  /** Why the program could not be run to its end; from `address` on nothing is known. */
  readonly problem:
    | { readonly offset: number; readonly message: string; readonly address: number }
    | undefined;
}

interface State {
  cfa: CfaRule | undefined;
  registers: ReadonlyMap<number, RegisterRule>;
  argsSize: number;
}

function registerRule(op: Operation): { readonly register: number; readonly rule: RegisterRule } | undefined {
  switch (op.op) {
    case 'undefined':
    case 'same':
      return { register: op.register, rule: { kind: op.op } };
    case 'offset':
    case 'valOffset':
      return { register: op.register, rule: { kind: op.op, offset: op.offset } };
    case 'register':
      return { register: op.register, rule: { kind: 'register', register: op.other } };
    case 'expression':
    case 'valExpression':
      return { register: op.register, rule: { kind: op.op, expression: op.expression } };
    default:
      return undefined;
  }
}

/** A machine for one program. `initial` is what DW_CFA_restore goes back to: the CIE's result. */
class Interpreter {
  state: State;
  readonly #initial: ReadonlyMap<number, RegisterRule>;
  readonly #remembered: State[] = [];
  readonly #at: number;

  constructor(state: State, at: number) {
    this.state = { ...state };
    this.#initial = state.registers;
    this.#at = at;
  }

  #setRule(register: number, rule: RegisterRule | undefined): void {
    const registers = new Map(this.state.registers);
    if (rule === undefined) registers.delete(register);
    else registers.set(register, rule);
    this.state.registers = registers;
  }

  #registerCfa(what: string): { readonly register: number; readonly offset: number } {
    const { cfa } = this.state;
    if (cfa?.kind === 'register') return cfa;
    throw new CfiFormatError(
      this.#at,
      `${what} while the CFA is ${cfa === undefined ? 'not set' : 'an expression'}`,
    );
  }

  #restoreState(): void {
    const state = this.#remembered.pop();
    if (state === undefined)
      throw new CfiFormatError(this.#at, 'DW_CFA_restore_state without a remembered one');
    this.state = { ...state };
  }

  /** Everything but the operations that move the location. */
  run(op: Operation): void {
    const rule = registerRule(op);
    if (rule !== undefined) this.#setRule(rule.register, rule.rule);
    else if (op.op === 'restore') this.#setRule(op.register, this.#initial.get(op.register));
    else if (op.op === 'rememberState') this.#remembered.push({ ...this.state });
    else if (op.op === 'restoreState') this.#restoreState();
    else if (op.op === 'argsSize') this.state.argsSize = op.size;
    else this.#defineCfa(op);
  }

  #defineCfa(op: Operation): void {
    switch (op.op) {
      case 'defCfa':
        this.state.cfa = { kind: 'register', register: op.register, offset: op.offset };
        break;
      case 'defCfaRegister': {
        const { offset } = this.#registerCfa('DW_CFA_def_cfa_register');
        this.state.cfa = { kind: 'register', register: op.register, offset };
        break;
      }
      case 'defCfaOffset': {
        const { register } = this.#registerCfa('DW_CFA_def_cfa_offset');
        this.state.cfa = { kind: 'register', register, offset: op.offset };
        break;
      }
      case 'defCfaExpression':
        this.state.cfa = { kind: 'expression', expression: op.expression };
    }
  }
}

const NOTHING: State = { cfa: undefined, registers: new Map(), argsSize: 0 };

/** The state that a CIE's program leaves. Throws CfiFormatError. */
function initialState(source: CfiSource, cie: Cie): State {
  const machine = new Interpreter(NOTHING, cie.offset);
  for (const op of operations(cie.program, { source, cie })) {
    if (op.op === 'advance' || op.op === 'setLocation')
      throw new CfiFormatError(cie.offset, 'a CIE moves the location');
    machine.run(op);
  }
  return machine.state;
}

/** Makes rows of the FDEs of one section; each CIE's program runs once. */
export class RowMaker {
  readonly #source: CfiSource;
  readonly #initial = new Map<Cie, State | CfiFormatError>();

  constructor(source: CfiSource) {
    this.#source = source;
  }

  #initialOf(cie: Cie): State | CfiFormatError {
    let known = this.#initial.get(cie);
    if (known === undefined) {
      try {
        known = initialState(this.#source, cie);
      } catch (error) {
        if (!(error instanceof CfiFormatError)) throw error;
        known = error;
      }
      this.#initial.set(cie, known);
    }
    return known;
  }

  /** What a CIE's program leaves, at address 0; undefined when it is bad. */
  initialRow(cie: Cie): Row | undefined {
    const state = this.#initialOf(cie);
    return state instanceof CfiFormatError ? undefined : { address: 0, ...state };
  }

  /** The rows of a description; never throws on bad input. */
  rowsOf(fde: Fde): RowTable {
    const rows: Row[] = [];
    let address = fde.start.address;
    const bad = ({ offset, message }: CfiFormatError): RowTable => ({
      fde,
      rows,
      problem: { offset, message, address },
    });
    const initial = this.#initialOf(fde.cie);
    if (initial instanceof CfiFormatError) return bad(initial);
    const machine = new Interpreter(initial, fde.offset);
    const emit = (): number => rows.push({ address, ...machine.state });
    try {
      for (const op of operations(fde.program, { source: this.#source, cie: fde.cie })) {
        if (op.op === 'advance') {
          emit();
          address = (address + op.delta) >>> 0;
        } else if (op.op === 'setLocation') {
          emit();
          address = op.address;
        } else machine.run(op);
      }
    } catch (error) {
      if (!(error instanceof CfiFormatError)) throw error;
      return bad(error);
    }
    emit();
    return { fde, rows, problem: undefined };
  }
}

/** The row in force at an address; undefined outside the description. */
export function rowAt({ fde, rows, problem }: RowTable, address: number): Row | undefined {
  if (address < fde.start.address || address >= fde.start.address + fde.size) return undefined;
  let found: Row | undefined;
  for (const row of rows) {
    if (row.address > address) return found;
    found = row;
  }
  return problem === undefined || address < problem.address ? found : undefined;
}
