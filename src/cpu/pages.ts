/**
 * What is known about each of the 2^20 pages, in flat tables (untouched parts of them are never committed),
 * and the host memory behind them.
 *
 * A region is a range with its own host memory, mapped into the engine once and never unmapped: an unmapped
 * page stays behind as a ghost without permissions, to be reused. (uc_mem_unmap and a new mapping cost
 * 25..350 us, a change of permissions 7 us.)
 */
import type { Engine } from './engine.js';
import { PAGE_SHIFT, PAGE_SIZE, PROT_EXEC, PROT_READ, PROT_WRITE } from './protection.js';

export interface Region {
  readonly start: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Pages touched so far: decides how many are given at once. */
  touches: number;
}

/** In `guest`: the page is mapped; the low three bits are its protection. 0: absent. */
export const PRESENT = 8;
/** In `state`, beside the three permission bits that the engine has now. */
export const TOUCHED = 8;
/** A writable and executable page that is at the moment given for writing (else for executing). */
export const WRITING = 16;
/** The host wrote to it before the first snapshot. A page that is neither this nor touched is as it was made: zero. */
export const LOADED = 32;

const PAGES = 1 << 20;

export class Pages {
  readonly guest = new Uint8Array(new ArrayBuffer(PAGES));
  readonly state = new Uint8Array(new ArrayBuffer(PAGES));
  readonly regions: Region[] = [];
  private readonly regionOf = new Uint16Array(new ArrayBuffer(PAGES * 2));

  constructor(private readonly engine: Engine) {}

  /** The region behind a page, ghost or not. */
  region(page: number): Region | undefined {
    const index = this.regionOf[page] ?? 0;
    return index === 0 ? undefined : this.regions[index - 1];
  }

  addRegion(start: number, length: number): Region {
    const buffer = new ArrayBuffer(length);
    const region: Region = {
      start,
      length,
      bytes: new Uint8Array(buffer),
      words: new Uint32Array(buffer),
      touches: 0,
    };
    this.engine.map(start, region.bytes);
    this.regions.push(region);
    const first = start >>> PAGE_SHIFT;
    this.regionOf.fill(this.regions.length, first, first + length / PAGE_SIZE);
    return region;
  }

  /** The 4096 bytes of a page that has a region. */
  bytes(page: number): Uint8Array {
    const region = this.region(page);
    if (region === undefined) throw new RangeError(`page ${page} has no memory`);
    const offset = page * PAGE_SIZE - region.start;
    return region.bytes.subarray(offset, offset + PAGE_SIZE);
  }

  /** Gives the engine the permissions that follow from the tables, for `count` pages that all have memory. */
  sync(first: number, count: number): void {
    const end = first + count;
    let page = first;
    while (page < end) {
      const want = this.wanted(page);
      const have = (this.state[page] ?? 0) & 7;
      const from = page;
      do page++;
      while (page < end && this.wanted(page) === want && ((this.state[page] ?? 0) & 7) === have);
      if (want !== have) this.give(from, page, want, have);
    }
  }

  /**
   * After a fetch from this page was refused: the attempt left it in the engine's TLB as readable, which is wrong
   * for a page without any permission.
   */
  forgetFetch(page: number): void {
    if (this.region(page) !== undefined && ((this.state[page] ?? 0) & 7) === 0) this.close(page, 1);
  }

  private give(from: number, end: number, want: number, have: number): void {
    const address = from * PAGE_SIZE;
    const length = (end - from) * PAGE_SIZE;
    // Forgetting puts the page into the TLB as readable: it must be so, or be closed after.
    if (have & PROT_EXEC && !(want & PROT_EXEC)) this.engine.forgetCode(address, length);
    if (want === 0) this.close(from, end - from);
    else this.engine.protect(address, length, want);
    if (want & PROT_EXEC && !(have & PROT_EXEC)) this.engine.forgetCode(address, length);
    for (let page = from; page < end; page++) this.state[page] = ((this.state[page] ?? 0) & ~7) | want;
  }

  /** Takes all permissions. Only a change between writable and not flushes the TLB, where the page may be. */
  private close(page: number, count: number): void {
    this.engine.protect(page * PAGE_SIZE, count * PAGE_SIZE, PROT_READ | PROT_WRITE);
    this.engine.protect(page * PAGE_SIZE, count * PAGE_SIZE, 0);
  }

  /**
   * Writing is withheld until the first store to the page, which thereby is noticed. A page that is writable
   * and executable is one or the other at a time, as the engine does not notice changed code. Any access
   * implies reading on x86.
   */
  private wanted(page: number): number {
    const guest = this.guest[page] ?? 0;
    if ((guest & 7) === 0) return 0;
    const state = this.state[page] ?? 0;
    const write = guest & PROT_WRITE && state & TOUCHED ? PROT_WRITE : 0;
    const exec = guest & PROT_EXEC;
    if (write && exec) return PROT_READ | (state & WRITING ? PROT_WRITE : PROT_EXEC);
    return PROT_READ | write | exec;
  }
}
