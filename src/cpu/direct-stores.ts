/**
 * Lets guest stores take QEMU's fast path.
 *
 * QEMU marks writable pages in its TLB (TLB_NOTDIRTY), so that the first store drops what was translated from them, and then
 * takes the mark off. Unicorn 2.0 never takes it off: each store searches for translations, with several heap allocations,
 * and that is more than half of the time of ordinary code. Here a page that the engine may write is never one that it may
 * execute (pages.ts), so there is nothing to drop, and the mark is taken off for it.
 *
 * The TLB of user mode is a pair of 64-bit words before the CPU state (accel/tcg, CPUTLBDescFast): (entries - 1) * 32, and a
 * pointer to the entries: addr_read, addr_write, addr_code, addend, 64 bits each. Where the pair is, is found once by a known
 * store. A library that keeps it elsewhere, or takes the marks off itself, is left alone.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Engine } from './engine.js';
import type { Memory } from './memory.js';
import { PAGE_SHIFT, PROT_EXEC, PROT_WRITE } from './protection.js';

const TLB_NOTDIRTY = 1 << 10;
const WRITE_EXEC = PROT_WRITE | PROT_EXEC;
const ENTRY_BYTES = 32;
const ENTRY_WORDS = ENTRY_BYTES / 4;
const ADDR_WRITE_WORD = 2;
const PAIR_BYTES = 16;
/** How far before the state the pair is looked for. */
const REACH_BYTES = 256;
const INVALID = 0xffffffff;
const MOST_ENTRIES = 1 << 20;

/** Bytes from the pair to the state: the loaded library's, found once per thread; null when there is none. */
let distance: number | null | undefined;

export class DirectStores {
  private readonly pair: Uint32Array | null;
  private table: Uint32Array = new Uint32Array(0);
  private mask = 0;
  private low = 0;
  private high = 0;

  constructor(private readonly engine: Engine) {
    if (distance === undefined) distance = findPair(engine);
    this.pair = distance === null ? null : new Uint32Array(engine.beforeState(distance, PAIR_BYTES));
  }

  /**
   * Takes the marks off the entries of touched pages that the engine may write and not execute. When it may no longer, it
   * flushes the entry; a page that it may not write can be marked like one that it may.
   */
  open({ touched, pages }: Memory): void {
    const { pair } = this;
    if (pair === null) return;
    const mask = pair[0] ?? 0;
    const low = pair[2] ?? 0;
    const high = pair[3] ?? 0;
    // The engine grows and moves the table when it flushes it.
    if (mask !== this.mask || low !== this.low || high !== this.high) this.follow(mask, low, high);
    const { table } = this;
    const last = mask / ENTRY_BYTES;
    for (let i = 0; i < touched.length; i++) {
      const page = touched[i]?.page ?? 0;
      const at = (page & last) * ENTRY_WORDS + ADDR_WRITE_WORD;
      const address = (page << PAGE_SHIFT) >>> 0;
      if (table[at] !== address + TLB_NOTDIRTY) continue;
      if (((pages.state[page] ?? 0) & WRITE_EXEC) === PROT_WRITE) table[at] = address;
    }
  }

  private follow(mask: number, low: number, high: number): void {
    this.mask = mask;
    this.low = low;
    this.high = high;
    this.table = new Uint32Array(this.engine.hostMemory(pointer(low, high), mask + ENTRY_BYTES));
  }
}

function pointer(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

/**
 * Pairs whose table shows the store that a helper makes to the supervisor page; of these the one whose entry is filled again
 * when it has been made invalid: another privilege level's table may show an older store.
 */
function findPair(engine: Engine): number | null {
  const { supervisorPage: page } = engine.segments;
  const store = () => engine.callStub('fxsave', engine.fxAddress);
  const shows = (entry: Uint32Array) =>
    entry[0] === page && entry[ADDR_WRITE_WORD] === page + TLB_NOTDIRTY && entry[ADDR_WRITE_WORD + 1] === 0;
  store();
  const candidates = pairs(engine)
    .filter(({ address }) => shows(peekEntry(address)))
    .map(({ at, address }) => ({ at, entry: new Uint32Array(engine.hostMemory(address, ENTRY_BYTES)) }));
  for (const { entry } of candidates) entry.fill(INVALID, ADDR_WRITE_WORD, ADDR_WRITE_WORD + 2);
  store();
  const [only, ...others] = candidates.filter(({ entry }) => shows(entry));
  return only === undefined || others.length > 0 ? null : REACH_BYTES - only.at * 4;
}

/** What could be a mask and a pointer, with the address of the supervisor page's entry. */
function pairs(engine: Engine): { at: number; address: bigint }[] {
  const words = new Uint32Array(engine.beforeState(REACH_BYTES, REACH_BYTES));
  const found: { at: number; address: bigint }[] = [];
  for (let at = 0; at + 3 < words.length; at += 2) {
    const [mask = 0, zero = 1, low = 0, high = 0] = words.subarray(at);
    const entries = mask / ENTRY_BYTES + 1;
    if (zero !== 0 || entries > MOST_ENTRIES || !isPowerOfTwo(entries)) continue;
    const index = (engine.segments.supervisorPage >>> PAGE_SHIFT) & (entries - 1);
    found.push({ at, address: pointer(low, high) + BigInt(index * ENTRY_BYTES) });
  }
  return found;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(value) && value > 0 && (value & (value - 1)) === 0;
}

/** A copy, all zero where nothing is mapped: read through /proc/self/mem, which answers EIO instead of crashing. */
function peekEntry(address: bigint): Uint32Array {
  const entry = new Uint32Array(ENTRY_WORDS);
  if (address < 0x10000n || address >= 1n << 47n) return entry;
  const memory = openSync('/proc/self/mem', 'r');
  try {
    readSync(memory, entry, 0, ENTRY_BYTES, address);
  } catch {
    // Not a pointer to mapped memory.
  } finally {
    closeSync(memory);
  }
  return entry;
}
