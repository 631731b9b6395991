/**
 * Finds, at start-up, where the loaded Unicorn keeps what its API is slow or silent about. The offsets differ
 * between versions, so nothing is assumed: known events are provoked in two scratch engines, and the memory
 * that changed as it must is taken. An ambiguous or missing answer is ENGINE_UNSUPPORTED.
 *
 *   uc_struct (found through the handle itself)        CPU state (QEMU's CPUX86State, through a pointer in it)
 *     counter    instructions begun in this run          +0    eax ecx edx ebx esp ebp esi edi, 8 bytes each
 *     invalid    address of the last memory error        +eip, +exceptionIsInt, +oldException
 *     cpu        pointer; state = pointer + delta        exceptionIndex lies before it (in CPUState)
 *
 * With these a step needs one library call, registers are read and written in place, and no callback is ever
 * installed. Candidate pointers are followed through /proc/self/mem, which answers EIO instead of crashing.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { CpuError } from './errors.js';
import {
  loadUnicorn,
  mustSucceed,
  type Pointer,
  UC_ARCH_X86,
  UC_MODE_32,
  UC_REG,
  type Unicorn,
} from './unicorn.js';

/** All in bytes; relative to the uc_struct (first three) or to the CPU state (the others). */
export interface EngineLayout {
  readonly counter: number;
  readonly invalidAddress: number;
  readonly cpuPointer: number;
  readonly stateDelta: number;
  readonly stateLength: number;
  /** Bytes of a context before its copy of the state. */
  readonly contextHeader: number;
  readonly eip: number;
  readonly exceptionIsInt: number;
  readonly oldException: number;
  readonly exceptionIndex: number;
}

/** How much of the uc_struct is looked at (it is some 14 KB) and how far behind a pointer the state may be. */
export const STRUCT_WINDOW = 4096;
/** Tried in this order: the first is enough for the versions known, and reads a sixteenth. */
const POINTER_REACHES = [1 << 16, 1 << 18];
const BEFORE_STATE = 8192;

const CODE = 0x10000;
const BARRED = 0x20000;
const GENERAL = [
  UC_REG.EAX,
  UC_REG.ECX,
  UC_REG.EDX,
  UC_REG.EBX,
  UC_REG.ESP,
  UC_REG.EBP,
  UC_REG.ESI,
  UC_REG.EDI,
];

interface Scratch {
  readonly uc: Pointer;
  readonly code: Uint8Array;
  readonly struct: Uint32Array;
}

let known: EngineLayout | undefined;

/** The layout of the loaded library; probed once per thread (a few milliseconds). */
export function engineLayout(): EngineLayout {
  known ??= probe(loadUnicorn());
  return known;
}

function probe(lib: Unicorn): EngineLayout {
  const a = scratch(lib);
  // Something of its own size between the two, so that neighbours on the heap are not alike by accident.
  const spacers = [allocContext(lib, a), allocContext(lib, a), allocContext(lib, a)];
  const b = scratch(lib);
  try {
    const pointer = commonPointer(lib, a, b);
    if (pointer === undefined) throw unsupported('the pointer to the CPU state', 0);
    const { stateLength, contextHeader } = contextShape(lib, a);
    const { field: cpuPointer, delta: stateDelta } = pointer;
    const struct = probeStruct(lib, a);
    const stateOf = (s: Scratch) => pointerAt(s.struct, cpuPointer) + BigInt(stateDelta);
    const around = (s: Scratch) =>
      new Int32Array(lib.memory(stateOf(s) - BigInt(BEFORE_STATE), BEFORE_STATE + stateLength));
    const found = probeExceptions(lib, a, around(a), b, around(b));
    const eip = probeEip(lib, a, around(a));
    return { ...struct, cpuPointer, stateDelta, stateLength, contextHeader, eip, ...found };
  } finally {
    for (const context of spacers) lib.contextFree(context);
    lib.close(a.uc);
    lib.close(b.uc);
  }
}

function unsupported(what: string, candidates: number): CpuError {
  return new CpuError(
    'ENGINE_UNSUPPORTED',
    `this libunicorn is laid out in an unknown way: ${candidates} places could be ${what}; use Debian 12's libunicorn2`,
  );
}

function only(candidates: readonly number[], what: string): number {
  const [first] = candidates;
  if (first === undefined || candidates.length > 1) throw unsupported(what, candidates.length);
  return first;
}

function scratch(lib: Unicorn): Scratch {
  const out: [Pointer | null] = [null];
  mustSucceed(lib.open(UC_ARCH_X86, UC_MODE_32, out), 'uc_open');
  const uc = out[0] ?? 0n;
  const memory = new Uint8Array(new ArrayBuffer(0x3000));
  mustSucceed(lib.mapPointer(uc, CODE, 0x2000, 7, memory.subarray(0, 0x2000)), 'uc_mem_map_ptr');
  mustSucceed(lib.mapPointer(uc, BARRED, 0x1000, 1, memory.subarray(0x2000)), 'uc_mem_map_ptr');
  return { uc, code: memory, struct: new Uint32Array(lib.memory(uc, STRUCT_WINDOW)) };
}

function setRegister(lib: Unicorn, s: Scratch, id: number, value: number): void {
  mustSucceed(lib.regWrite(s.uc, id, new Uint32Array([value, 0])), 'uc_reg_write');
}

/** Runs the bytes from their start; `at` must be fresh, as changed code would not be noticed. */
function execute(lib: Unicorn, s: Scratch, at: number, bytes: readonly number[], count: number): number {
  s.code.set(bytes, at - CODE);
  return lib.start(s.uc, at, 0, 0, count);
}

function pointerAt(words: Uint32Array, byteOffset: number): bigint {
  const low = words[byteOffset / 4] ?? 0;
  const high = words[byteOffset / 4 + 1] ?? 0;
  return (BigInt(high) << 32n) | BigInt(low);
}

interface StatePointer {
  readonly field: number;
  readonly delta: number;
}

/**
 * The pointer that leads to the registers at the same distance in both engines; of several the nearest, which points to
 * the object that the state is a part of.
 */
function commonPointer(lib: Unicorn, a: Scratch, b: Scratch): StatePointer | undefined {
  const everywhere = Array.from({ length: STRUCT_WINDOW / 8 }, (_, i) => i * 8);
  for (const reach of POINTER_REACHES) {
    const inA = statePointers(lib, a, reach, everywhere);
    const fields = inA.map(({ field }) => field);
    const inB = statePointers(lib, b, reach, fields);
    const both = inA.filter((p) => inB.some((q) => q.field === p.field && q.delta === p.delta));
    const [nearest] = both.sort((p, q) => p.delta - q.delta);
    if (nearest !== undefined) return nearest;
  }
  return undefined;
}

/** Pointers in the uc_struct from which the eight general registers can be seen, and at which distance. */
function statePointers(lib: Unicorn, s: Scratch, reach: number, fields: readonly number[]): StatePointer[] {
  const pattern = Buffer.alloc(GENERAL.length * 8);
  GENERAL.forEach((id, i) => {
    const value = (0x5a17c3d1 + i * 0x01234567) >>> 0;
    setRegister(lib, s, id, value);
    pattern.writeUInt32LE(value, i * 8);
  });
  const found: StatePointer[] = [];
  const memory = openSync('/proc/self/mem', 'r');
  const window = Buffer.alloc(reach);
  for (const field of fields) {
    const pointer = pointerAt(s.struct, field);
    if (pointer < 0x10000n || pointer >= 1n << 47n) continue;
    const delta = window.subarray(0, readBehind(memory, window, pointer)).indexOf(pattern);
    if (delta >= 0) found.push({ field, delta });
  }
  closeSync(memory);
  return found;
}

/** Bytes read from an address of this process; 0 where nothing is mapped. */
function readBehind(memory: number, into: Buffer, address: bigint): number {
  try {
    return readSync(memory, into, 0, into.length, address);
  } catch {
    return 0; // EIO: not a pointer, or not into mapped memory
  }
}

function allocContext(lib: Unicorn, s: Scratch): Pointer {
  const out: [Pointer | null] = [null];
  mustSucceed(lib.contextAlloc(s.uc, out), 'uc_context_alloc');
  return out[0] ?? 0n;
}

/** A context is a header and a copy of the state: the header ends where the registers start. */
function contextShape(lib: Unicorn, s: Scratch): { stateLength: number; contextHeader: number } {
  const context = allocContext(lib, s);
  const size = lib.contextSize(s.uc);
  mustSucceed(lib.contextSave(s.uc, context), 'uc_context_save');
  const bytes = Buffer.from(new Uint8Array(lib.memory(context, size)));
  mustSucceed(lib.contextFree(context), 'uc_context_free');
  const marker = Buffer.alloc(4);
  marker.writeUInt32LE(0x5a17c3d1);
  const header = bytes.indexOf(marker);
  if (header < 0 || header > 256) throw unsupported('the registers of a context', 0);
  return { stateLength: (size - header) & ~7, contextHeader: header };
}

/** Two stores to a read-only page, after 7 and after 61 instructions: the counter and the address follow. */
function probeStruct(lib: Unicorn, s: Scratch): { counter: number; invalidAddress: number } {
  let counters: number[] | undefined;
  let addresses: number[] | undefined;
  for (const [nops, target, at] of [
    [7, BARRED + 0x124, CODE],
    [61, BARRED + 0xa50, CODE + 0x100],
  ] as const) {
    setRegister(lib, s, UC_REG.EBX, target);
    execute(lib, s, at, [...Array<number>(nops).fill(0x90), 0x89, 0x03], 1000);
    counters = wordsEqual(s.struct, nops + 1, counters);
    addresses = wordsEqual(s.struct, target, addresses);
  }
  return {
    counter: only(counters ?? [], 'the instruction counter'),
    invalidAddress: only(addresses ?? [], 'the fault address'),
  };
}

/** Byte offsets of the 64-bit words with this value, of those in `among`. */
function wordsEqual(words: Uint32Array, value: number, among: number[] | undefined): number[] {
  const candidates = among ?? Array.from({ length: words.length / 2 }, (_, i) => i * 8);
  return candidates.filter((o) => words[o / 4] === value && words[o / 4 + 1] === 0);
}

function probeEip(lib: Unicorn, s: Scratch, around: Int32Array): number {
  let candidates = Array.from({ length: around.length }, (_, i) => i);
  for (const value of [0x3a5b7c11, 0x2b4c6d22]) {
    setRegister(lib, s, UC_REG.EIP, value);
    candidates = candidates.filter((i) => around[i] === value);
  }
  return only(candidates, 'EIP') * 4 - BEFORE_STATE;
}

function probeExceptions(lib: Unicorn, a: Scratch, inA: Int32Array, b: Scratch, inB: Int32Array) {
  const fresh = inA.slice();
  execute(lib, a, CODE + 0x200, [0x31, 0xc9, 0xf7, 0xf1], 10); // xor %ecx,%ecx; div %ecx: #DE, 0
  const divided = inA.slice();
  execute(lib, a, CODE + 0x240, [0xcd, 0x91], 10); // int $0x91
  const trapped = inA.slice();
  execute(lib, a, CODE + 0x280, [0xcd, 0x92], 10);
  const again = inA.slice();
  const freshB = inB.slice();
  // mov $0xffff,%ax; mov %ax,%ds: a selector beyond the table, #GP, 13
  execute(lib, b, CODE + 0x200, [0x66, 0xb8, 0xff, 0xff, 0x8e, 0xd8], 10);
  const protection = inB.slice();
  const offsets = (match: (i: number) => boolean) =>
    Array.from({ length: fresh.length }, (_, i) => i)
      .filter(match)
      .map((i) => i * 4 - BEFORE_STATE);
  const index = offsets(
    (i) => divided[i] === 0 && trapped[i] === 0x91 && again[i] === 0x92 && protection[i] === 13,
  );
  const isInt = offsets(
    (i) => divided[i] === 0 && trapped[i] === 1 && again[i] === 1 && protection[i] === 0 && fresh[i] === 0,
  );
  const old = offsets((i) => fresh[i] === -1 && divided[i] === 0 && freshB[i] === -1 && protection[i] === 13);
  return {
    exceptionIndex: only(index, 'the exception number'),
    exceptionIsInt: only(
      isInt.filter((o) => o >= 0),
      'the mark of a software interrupt',
    ),
    oldException: only(
      old.filter((o) => o >= 0),
      'the previous exception',
    ),
  };
}
