// Abstract interpretation of the described code of one frame table: states flow along every edge that can be seen, and at
// its end the row is compared with what arrives. Code that no edge leads to is checked from its own row on: unjudged.
import type { Row } from '../types.js';
import { adoptRow, entryState, isEntryRow } from './adopt.js';
import { Callees } from './callees.js';
import type { CodeSpace, Target } from './code.js';
import { type Comparison, compareRow } from './compare.js';
import type { Decoded } from './decode.js';
import { Findings } from './findings.js';
import { type CheckedFunction, functionAt } from './functions.js';
import type { Hints } from './hints.js';
import { handlerReturnState } from './signal.js';
import { ESP, join, registerOf, type State, store, withRegister } from './state.js';
import { afterCall, NUMBERS_FOLLOWED, step } from './step.js';
import { findTrampoline } from './trampoline.js';
import { CHANGED, constant, plus } from './value.js';

/** Visits of one instruction after which its function is given up; real code needs a handful. */
const VISITS = 200;
/** EAX at a system call that does not come back. */
const NO_RETURN_CALLS: ReadonlySet<number> = new Set([...NUMBERS_FOLLOWED].map(constant));

/** `sure`: the edge is taken; `guess`: only if the row at its end fits. */
type Trust = 'sure' | 'guess';

export class Analysis {
  readonly findings = new Map<CheckedFunction, Findings>();
  readonly #code: CodeSpace;
  readonly #functions: readonly CheckedFunction[];
  readonly #hints: Hints;
  readonly #callees: Callees;
  readonly #states = new Map<number, State>();
  readonly #visits = new Map<number, number>();
  readonly #work: number[] = [];
  /** The row a state was last found right under. */
  readonly #right = new WeakMap<State, Row>();
  /** Where the code of a trampoline begins: its description covers a byte of what is before. */
  readonly #begins = new Map<CheckedFunction, number>();
  readonly #tables = new Map<CheckedFunction, readonly number[]>();
  readonly #ids = new Map<number, number>();
  /** Calls whose return fits no row: they may not return at all. */
  readonly #doubtful: { readonly fn: CheckedFunction; readonly call: number; readonly callee: string }[] = [];

  constructor(code: CodeSpace, functions: readonly CheckedFunction[], hints: Hints) {
    this.#code = code;
    this.#functions = functions;
    this.#hints = hints;
    this.#callees = new Callees(code, functions);
    for (const fn of functions) this.findings.set(fn, new Findings(fn));
  }

  #findingsOf(fn: CheckedFunction): Findings {
    const found = this.findings.get(fn);
    if (found === undefined) throw new Error(`${fn.name} is not among the functions`);
    return found;
  }

  #compare(fn: CheckedFunction, row: Row, state: State, address: number): Comparison | null {
    if (this.#right.get(state) === row) return null;
    const compared = compareRow(row, state, address, fn.cie.returnRegister, fn.lost);
    if (compared.wrong.length > 0 || compared.open.length > 0) return compared;
    // What an expression gives may depend on the address.
    if (row.cfa?.kind === 'register') this.#right.set(state, row);
    return null;
  }

  /** Lets a state arrive at an address; false when a guess does not fit. */
  #arrive(from: CheckedFunction | null, address: number, state: State, trust: Trust = 'sure'): boolean {
    const fn =
      from !== null && address >= from.start && address < from.end
        ? from
        : functionAt(this.#functions, address);
    if (fn === undefined) return true;
    const row = fn.rowAt(address);
    if (row === undefined) {
      this.#findingsOf(fn).unjudged(
        `${this.#findingsOf(fn).place(address)}: its description cannot be read there`,
      );
      return true;
    }
    // A tail call: the other function is checked from its own entry.
    if (fn !== from && from !== null && address === fn.start && isEntryRow(row)) return true;
    const compared = this.#compare(fn, row, state, address);
    if (compared !== null) {
      if (trust === 'guess' && compared.wrong.length > 0) return false;
      this.#findingsOf(fn).compared(this.#code, address, row, compared);
    }
    const known = this.#states.get(address);
    const next = known === undefined ? state : join(known, state);
    if (next === known) return true;
    this.#states.set(address, next);
    this.#work.push(address);
    return true;
  }

  #idOf(address: number): number {
    const known = this.#ids.get(address) ?? this.#ids.size + 1;
    this.#ids.set(address, known);
    return known;
  }

  #drain(): void {
    for (let address = this.#work.pop(); address !== undefined; address = this.#work.pop()) {
      const fn = functionAt(this.#functions, address);
      const state = this.#states.get(address);
      if (fn === undefined || state === undefined) continue;
      const visits = (this.#visits.get(address) ?? 0) + 1;
      this.#visits.set(address, visits);
      if (visits === 1) this.#findingsOf(fn).instructions++;
      if (visits > VISITS)
        this.#findingsOf(fn).unjudged(`${this.#findingsOf(fn).place(address)}: the analysis does not settle`);
      else this.#execute(fn, address, state);
    }
  }

  #execute(fn: CheckedFunction, address: number, state: State): void {
    const decoded = this.#code.at(address);
    if (decoded === null) {
      this.#findingsOf(fn).unjudged(`${this.#findingsOf(fn).place(address)}: the bytes are no instruction`);
      return;
    }
    const next = address + decoded.length;
    const { flow } = decoded;
    switch (flow.kind) {
      case 'next':
        this.#arrive(fn, next, step(state, decoded, this.#idOf(address)));
        break;
      case 'branch':
        this.#arrive(fn, next, state);
        this.#jump(fn, state, this.#code.targetOf(address, decoded.length, flow.target));
        break;
      case 'jump':
        this.#jump(fn, state, this.#code.targetOf(address, decoded.length, flow.target));
        break;
      case 'indirectJump':
        for (const target of this.#tableTargets(fn)) this.#arrive(fn, target, state, 'guess');
        break;
      case 'systemCall':
      case 'fastCall':
        if (NO_RETURN_CALLS.has(registerOf(state, 0))) break;
        this.#afterKernel(fn, address, next, state, flow.kind === 'fastCall');
        break;
      case 'call':
        this.#call(fn, address, decoded, state, this.#code.targetOf(address, decoded.length, flow.target));
        break;
      case 'indirectCall':
        this.#call(fn, address, decoded, state, null);
    }
  }

  /** Where tables may lead in a function: what data points to, if an instruction begins there. */
  #tableTargets(fn: CheckedFunction): readonly number[] {
    const known = this.#tables.get(fn);
    if (known !== undefined) return known;
    const begins = new Set<number>();
    for (let at = fn.start; at < fn.end; at += this.#code.at(at)?.length ?? 1) begins.add(at);
    const targets = this.#hints.pointedTo(fn.start, fn.end).filter((target) => begins.has(target));
    this.#tables.set(fn, targets);
    return targets;
  }

  #jump(fn: CheckedFunction, state: State, target: Target): void {
    if (target.kind === 'address') this.#arrive(fn, target.address, state);
  }

  /** After sysenter the kernel returns to the landing pad; in the 2002 form that lies behind a jump back to its begin. */
  #afterKernel(fn: CheckedFunction, address: number, next: number, state: State, fast: boolean): void {
    const after = withRegister(state, 0, CHANGED);
    this.#arrive(fn, next, after);
    const pad = this.#hints.landingPad(fn, address);
    if (pad !== undefined) this.#arrive(fn, pad, after);
    if (!fast) return;
    const at = this.#afterFilling(fn, next);
    const decoded = this.#code.at(at);
    if (decoded?.flow.kind === 'jump') this.#arrive(fn, at + decoded.length, after);
  }

  /** Compilers fill up after a call that does not return; what follows belongs to another path. */
  #afterFilling(fn: CheckedFunction, address: number): number {
    let at = address;
    for (
      let decoded = this.#code.at(at);
      decoded?.filling === true && at < fn.end;
      decoded = this.#code.at(at)
    ) {
      at += decoded.length;
    }
    return at;
  }

  #call(
    fn: CheckedFunction,
    address: number,
    { length }: Decoded,
    state: State,
    target: Target | null,
  ): void {
    const next = this.#afterFilling(fn, address + length);
    if (target?.kind === 'address' && target.address === address + length) {
      // `call 1f; 1:` is a push of the program counter.
      const pushed = withRegister(state, ESP, plus(registerOf(state, ESP), -4));
      this.#arrive(fn, address + length, store(pushed, registerOf(pushed, ESP), CHANGED, 4));
      return;
    }
    if (target?.kind === 'address' && target.address > fn.start && target.address < fn.end) {
      const pushed = withRegister(state, ESP, plus(registerOf(state, ESP), -4));
      this.#arrive(fn, target.address, store(pushed, registerOf(pushed, ESP), CHANGED, 4), 'guess');
    }
    const callee =
      target === null ? { returns: undefined, clobbers: [], pops: undefined } : this.#callees.of(target);
    const pad = this.#hints.landingPad(fn, address);
    if (pad !== undefined) this.#arrive(fn, pad, afterCall(state, [], 0));
    if (callee.returns === false || next >= fn.end) return;
    const after = afterCall(state, callee.clobbers, callee.pops ?? 0);
    const row = fn.rowAt(address);
    const certain =
      callee.returns === true || row === undefined || this.#compare(fn, row, state, address) !== null;
    if (this.#arrive(fn, next, after, certain ? 'sure' : 'guess')) return;
    if (callee.pops === undefined && this.#arrive(fn, next, afterCall(state, callee.clobbers, 4), 'guess'))
      return;
    this.#doubtful.push({ fn, call: address, callee: target?.name ?? 'its callee' });
  }

  #seed(fn: CheckedFunction): void {
    // Filling that a description begins with says nothing about how the code behind it is entered.
    const row = fn.rowAt(this.#afterFilling(fn, fn.start));
    const trampoline = findTrampoline(this.#code, fn);
    if (trampoline !== null) {
      const { number, at, from } = trampoline;
      this.#begins.set(fn, from);
      const there = fn.rowAt(at);
      if (!fn.cie.signalFrame && there !== undefined) {
        const declared = 'the frame of a function that was called: its address is looked up minus one';
        this.#findingsOf(fn).wrong(
          this.#code,
          at,
          there,
          'signal frame',
          declared,
          'a signal’s frame: no S in the augmentation',
        );
      }
      this.#arrive(null, from, handlerReturnState(number));
    } else if (row !== undefined && isEntryRow(row) && !fn.cie.signalFrame)
      this.#arrive(null, fn.start, entryState());
  }

  run(): void {
    for (const fn of this.#functions) this.#seed(fn);
    this.#drain();
    for (const fn of this.#functions) {
      for (const entry of this.#hints.entriesIn(fn.start, fn.end)) {
        const row = fn.rowAt(entry);
        if (row !== undefined && isEntryRow(row) && !this.#states.has(entry))
          this.#arrive(null, entry, entryState());
      }
    }
    this.#drain();
    for (const fn of this.#functions) this.#adopt(fn);
    for (const { fn, call, callee } of this.#doubtful) {
      this.#findingsOf(fn).unjudged(
        `${this.#findingsOf(fn).place(call)}: no row fits ${callee} coming back; it may never do`,
      );
    }
  }

  /** Goes through a function's bytes and starts wherever nothing has come by. */
  #adopt(fn: CheckedFunction): void {
    for (let at = this.#begins.get(fn) ?? fn.start; at < fn.end; ) {
      const decoded = this.#code.at(at);
      if (decoded === null) {
        this.#findingsOf(fn).unjudged(`${this.#findingsOf(fn).place(at)}: the bytes are no instruction`);
        return;
      }
      if (!this.#states.has(at) && !this.#isFilling(fn, at, decoded)) this.#adoptAt(fn, at);
      at += decoded.length;
    }
  }

  /** Also what as fills wide gaps with, a jump over the rest, and what is left behind a call that does not return. */
  #isFilling(fn: CheckedFunction, at: number, { filling, flow, length }: Decoded): boolean {
    if (filling || flow.kind === 'stop') return true;
    if (flow.kind !== 'jump') return false;
    return (
      flow.target === this.#afterFilling(fn, at + length) || this.#code.at(flow.target)?.flow.kind === 'stop'
    );
  }

  #adoptAt(fn: CheckedFunction, address: number): void {
    const findings = this.#findingsOf(fn);
    const row = fn.rowAt(address);
    const state = row === undefined ? null : adoptRow(row);
    findings.unjudged(
      `${findings.place(address)}: it is not seen how this is reached; checked from its own row on`,
    );
    if (state === null) return;
    this.#arrive(null, address, state);
    this.#drain();
  }
}
