/**
 * Running the guest until something happens.
 *
 * Unicorn is always given count > 0 (else EIP and EFLAGS are stale at faults), until = 0 and no callback.
 * What ends a run without concerning the caller is dealt with here: the first store to a page, the change of a
 * page between written and executed, a translated block that looks beyond its page, and rdtsc.
 */
import type { DirectStores } from './direct-stores.js';
import type { Engine } from './engine.js';
import { CpuError, hex32 } from './errors.js';
import { completeInexact } from './inexact.js';
import type { Memory } from './memory.js';
import { PAGE_SHIFT, PAGE_SIZE, PROT_EXEC, PROT_READ, PROT_WRITE } from './protection.js';
import { refuseSplitStore } from './split-store.js';
import type { Stop } from './stop.js';
import { isRdtsc, type TimeStamp } from './timestamp.js';
import { UC_ERR } from './unicorn.js';
import { wrapException } from './wrap.js';

export interface Machine {
  readonly engine: Engine;
  readonly memory: Memory;
  readonly stores: DirectStores;
  readonly timestamp: TimeStamp;
}

const LIMIT: Stop = { kind: 'limit' };
const SYSENTER: Stop = { kind: 'sysenter' };
const SYSCALL: Stop = { kind: 'syscall' };
const INVALID_OPCODE: Stop = { kind: 'invalid-opcode' };
const SINGLE_STEP: Stop = { kind: 'single-step' };
const TRAP_0X80: Stop = { kind: 'trap', vector: 0x80 };

/** More engine calls than this without an executed instruction: something is broken. */
const MAX_ROUNDS = 64;

/** Fewer instructions than this do not repay a look at the TLB. */
const WORTH_OPENING = 16;

/** Words of the state that hold the general registers. */
const GENERAL_WORDS = 16;
const LAST_PAGE = 0xfffff000;
const WRITE_EXEC = PROT_WRITE | PROT_EXEC;

/** What one engine call led to: a stop for the caller, or the instructions executed before trying again. */
export type Outcome = Stop | { readonly kind: 'again'; readonly executed: number };

export function run(machine: Machine, count: number): Stop {
  const { engine } = machine;
  if (!(count > 0)) throw new RangeError(`run: count must be positive, not ${count}`);
  let remaining = count;
  let idle = 0;
  for (;;) {
    if (remaining >= WORTH_OPENING) machine.stores.open(machine.memory);
    const error = engine.start(remaining);
    const outcome = error === UC_ERR.OK ? afterOk(engine, remaining) : afterError(machine, error, remaining);
    if (outcome.kind !== 'again') return outcome;
    remaining -= outcome.executed;
    if (remaining <= 0) return LIMIT;
    idle = outcome.executed > 0 ? 0 : idle + 1;
    if (idle > MAX_ROUNDS) {
      const eip = engine.state[engine.eip] ?? 0;
      throw new CpuError('ENGINE_FAILED', `no progress at ${hex32(eip)} (Unicorn error ${error})`);
    }
  }
}

function afterOk(engine: Engine, remaining: number): Outcome {
  const call = engine.takeSystemCall();
  if (call !== undefined) return call === 'sysenter' ? SYSENTER : SYSCALL;
  const executed = engine.begun();
  if (executed >= remaining) return LIMIT;
  // Short of the count: the `until` of 0 was reached, or that of a translation made by beforePageEnd.
  if (engine.state[engine.eip] === 0) return { kind: 'fault', access: 'fetch', address: 0, present: false };
  return { kind: 'again', executed };
}

function afterError(machine: Machine, error: number, remaining: number): Outcome {
  switch (error) {
    case UC_ERR.EXCEPTION:
      return afterException(machine);
    case UC_ERR.INSN_INVALID:
      return INVALID_OPCODE;
    case UC_ERR.WRITE_UNMAPPED:
    case UC_ERR.WRITE_PROT:
      return afterDataFault(machine, 'write');
    case UC_ERR.READ_UNMAPPED:
    case UC_ERR.READ_PROT:
      return afterDataFault(machine, 'read');
    case UC_ERR.FETCH_UNMAPPED:
    case UC_ERR.FETCH_PROT:
      return afterFetchFault(machine, remaining);
    default:
      throw new CpuError('ENGINE_FAILED', `uc_emu_start failed: Unicorn error ${error}`);
  }
}

function afterException(machine: Machine): Outcome {
  const { engine, memory, timestamp } = machine;
  const vector = engine.exceptionVector();
  if (engine.exceptionIsInt()) return vector === 0x80 ? TRAP_0X80 : { kind: 'trap', vector };
  if (vector === 1) {
    // The trap flag is looked at after every instruction; a system call comes first, and its kernel clears the flag.
    const call = engine.takeSystemCall();
    return call === undefined ? SINGLE_STEP : call === 'sysenter' ? SYSENTER : SYSCALL;
  }
  if (vector === 13) {
    const length = isRdtsc(memory, engine.state[engine.eip] ?? 0);
    if (length > 0) {
      timestamp.read(engine, length);
      return { kind: 'again', executed: engine.begun() };
    }
  }
  return { kind: 'exception', vector };
}

function afterDataFault(machine: Machine, access: 'read' | 'write'): Outcome {
  const { engine, memory } = machine;
  const address = engine.invalidAddress();
  const inexact = completeInexact(machine, access, address);
  if (inexact !== undefined) return inexact;
  const executed = engine.begun() - 1;
  if (access === 'write') {
    refuseSplitStore(engine, memory, address);
    if (isStoreIntoItself(machine, address)) return storeIntoItself(machine, address, executed);
    if (memory.grantWrite(address)) return { kind: 'again', executed };
  }
  return beyondTheEnd(machine, address) ?? fault(memory, access, address);
}

/** Nothing is ever mapped in the last page, so whatever reaches over the end of memory has faulted there. */
function beyondTheEnd({ engine, memory }: Machine, address: number): Stop | undefined {
  if (address < LAST_PAGE) return undefined;
  const eip = engine.state[engine.eip] ?? 0;
  const code = memory.read(eip, 15) ?? memory.read(eip, PAGE_SIZE - (eip % PAGE_SIZE)) ?? new Uint8Array(0);
  const vector = wrapException(engine.state, code, address);
  return vector === undefined ? undefined : { kind: 'exception', vector };
}

function isStoreIntoItself({ engine, memory }: Machine, address: number): boolean {
  const page = address >>> PAGE_SHIFT;
  const eip = engine.state[engine.eip] ?? 0;
  const near = page === eip >>> PAGE_SHIFT || page === (eip + 14) >>> PAGE_SHIFT;
  return near && ((memory.pages.guest[page] ?? 0) & WRITE_EXEC) === WRITE_EXEC;
}

/**
 * A store into the page being executed: the page gets both permissions for this one instruction, and what was
 * translated from it is forgotten. Other pages that the same store needs are granted on the way.
 */
function storeIntoItself(machine: Machine, address: number, executed: number): Outcome {
  const { engine, memory } = machine;
  const page = address & ~(PAGE_SIZE - 1);
  memory.grantWrite(address);
  engine.protect(page >>> 0, PAGE_SIZE, PROT_READ | WRITE_EXEC);
  let error = startOne(engine);
  while (error === UC_ERR.WRITE_PROT && !isStoreIntoItself(machine, engine.invalidAddress())) {
    if (!memory.grantWrite(engine.invalidAddress())) break;
    error = startOne(engine);
  }
  engine.forgetCode(page >>> 0, PAGE_SIZE);
  engine.protect(page >>> 0, PAGE_SIZE, PROT_READ | PROT_WRITE);
  if (error !== UC_ERR.OK) return afterError(machine, error, 1);
  memory.grantExec(address);
  return { kind: 'again', executed: executed + 1 };
}

/**
 * One instruction that may change its own translation. QEMU then abandons it before the store, which uses up a
 * count of 1, and begins it again as a translation of its own: that needs a count of 2.
 */
function startOne(engine: Engine): number {
  const before = engine.state.slice(0, GENERAL_WORDS);
  const eip = engine.state[engine.eip];
  const error = engine.start(1);
  const moved = engine.state[engine.eip] !== eip || before.some((word, i) => engine.state[i] !== word);
  return error !== UC_ERR.OK || moved ? error : engine.start(2);
}

/**
 * EIP is at the target, or, when a block runs on into the next page, at the start of that block with nothing of
 * it executed: translation reads ahead, and must not look there.
 */
function afterFetchFault(machine: Machine, remaining: number): Outcome {
  const { engine, memory } = machine;
  const executed = engine.begun();
  const address = engine.invalidAddress();
  const eip = engine.state[engine.eip] ?? 0;
  memory.pages.forgetFetch(address >>> PAGE_SHIFT);
  if (executed >= remaining) return LIMIT;
  if (memory.grantExec(address) || executed > 0) return { kind: 'again', executed };
  if (address === eip) return fault(memory, 'fetch', address);
  return beforePageEnd(machine, address, remaining) ?? fault(memory, 'fetch', address);
}

/**
 * Runs the instructions that lie wholly before `pageEnd`: translation stops at `until` when an instruction starts
 * there, so the ends are tried downwards over the length of one instruction. Nothing is run, and undefined
 * returned, when the instruction at EIP itself reaches into the next page.
 */
function beforePageEnd(machine: Machine, pageEnd: number, remaining: number): Outcome | undefined {
  const { engine } = machine;
  const eip = engine.state[engine.eip] ?? 0;
  for (let until = pageEnd; until > eip && until > pageEnd - 15; until--) {
    const error = engine.start(remaining, until);
    engine.forgetCode((eip & ~(PAGE_SIZE - 1)) >>> 0, PAGE_SIZE);
    const refused = error === UC_ERR.FETCH_UNMAPPED || error === UC_ERR.FETCH_PROT;
    if (refused && engine.begun() === 0 && engine.state[engine.eip] === eip) continue;
    return error === UC_ERR.OK ? afterOk(engine, remaining) : afterError(machine, error, remaining);
  }
  return undefined;
}

function fault(memory: Memory, access: 'read' | 'write' | 'fetch', address: number): Stop {
  const present = (memory.pages.guest[address >>> PAGE_SHIFT] ?? 0) !== 0;
  return { kind: 'fault', access, address, present };
}
