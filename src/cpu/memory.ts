/**
 * The guest's memory as the kernel model sees it: mapping, protection, host access, and the set of touched
 * pages on which snapshots rest.
 *
 * A page is touched by the first guest store to it ever, or by the first host write after the first snapshot;
 * what it held before is kept as its pristine content. The set only grows. A snapshot is a copy of the touched
 * pages; a page touched later goes back to its pristine content.
 */
import type { Engine } from './engine.js';
import { CpuError, hex32 } from './errors.js';
import { LOADED, Pages, PRESENT, type Region, TOUCHED, WRITING } from './pages.js';
import { PAGE_SHIFT, PAGE_SIZE, PROT_EXEC, PROT_WRITE, type Protection } from './protection.js';

export interface TouchedPage {
  readonly page: number;
  readonly bytes: Uint8Array;
  readonly pristine: Uint8Array;
}

/** Bytes of an XMM register. */
const LONGEST_STORE = 16;
const ZERO_PAGE = new Uint8Array(PAGE_SIZE);

export class Memory {
  readonly pages: Pages;
  readonly touched: TouchedPage[] = [];
  /** Changes with every change of the layout; restoring a layout restores its number. */
  generation = 0;
  private lastGeneration = 0;
  private sealed = false;

  constructor(private readonly engine: Engine) {
    this.pages = new Pages(engine);
  }

  /** From now on host writes count as touching. */
  seal(): void {
    this.sealed = true;
  }

  map(address: number, length: number, protection: Protection): void {
    const [first, count] = pageRange(address, length);
    const taken = this.pages.guest.subarray(first, first + count).findIndex((p) => p !== 0);
    const reserved = this.engine.segments.supervisorPage >>> PAGE_SHIFT;
    if (taken >= 0 || (reserved >= first && reserved < first + count)) {
      const at = taken >= 0 ? first + taken : reserved;
      throw new CpuError('BAD_RANGE', `map: the page ${hex32(at * PAGE_SIZE)} is taken; unmap it first`);
    }
    this.provideMemory(first, count);
    this.pages.guest.fill(PRESENT | (protection & 7), first, first + count);
    this.changed(first, count);
  }

  unmap(address: number, length: number): void {
    this.eachMapped(address, length, () => 0);
  }

  protect(address: number, length: number, protection: Protection): void {
    this.eachMapped(address, length, () => PRESENT | (protection & 7));
  }

  read(address: number, length: number): Uint8Array | null {
    const shared = this.view(address, length);
    if (shared !== null) return shared.slice();
    if (!this.present(address, length)) return null;
    const out = new Uint8Array(length);
    this.eachPart(address, length, (part, at) => {
      out.set(part, at);
    });
    return out;
  }

  write(address: number, bytes: Uint8Array): boolean {
    if (!this.present(address, bytes.length)) return false;
    if (bytes.length === 0) return true;
    this.beforeHostWrite(address, bytes.length);
    this.eachPart(address, bytes.length, (part, at) => {
      part.set(bytes.subarray(at, at + part.length));
    });
    return true;
  }

  /** Makes the mapped pages of a range of whole pages zero. */
  clear(address: number, length: number): void {
    const [first, count] = pageRange(address, length);
    for (let page = first; page < first + count; page++) {
      if ((this.pages.guest[page] ?? 0) !== 0) this.clearPage(page);
    }
  }

  view(address: number, length: number): Uint8Array | null {
    const region = this.pages.region(address >>> PAGE_SHIFT);
    if (region === undefined || !this.present(address, length)) return null;
    const offset = address - region.start;
    return offset + length <= region.length ? region.bytes.subarray(offset, offset + length) : null;
  }

  readU32(address: number): number | null {
    const page = address >>> PAGE_SHIFT;
    if ((address & 3) === 0) {
      if ((this.pages.guest[page] ?? 0) === 0) return null;
      const region = this.pages.region(page);
      return region?.words[(address - region.start) >>> 2] ?? null;
    }
    const bytes = this.read(address, 4);
    return bytes === null ? null : new DataView(bytes.buffer).getUint32(0, true);
  }

  writeU32(address: number, value: number): boolean {
    const page = address >>> PAGE_SHIFT;
    if ((address & 3) === 0) {
      if ((this.pages.guest[page] ?? 0) === 0) return false;
      const region = this.pages.region(page);
      if (region === undefined) return false;
      this.beforeHostWrite(address, 4);
      region.words[(address - region.start) >>> 2] = value;
      return true;
    }
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value >>> 0, true);
    return this.write(address, bytes);
  }

  /** After a guest store was refused: true when the page may be written, and now can be. */
  grantWrite(address: number): boolean {
    const page = address >>> PAGE_SHIFT;
    const guest = this.pages.guest[page] ?? 0;
    const region = this.pages.region(page);
    if (region === undefined || !(guest & PROT_WRITE)) return false;
    if (guest & PROT_EXEC) {
      this.touch(page, region);
      this.pages.state[page] = (this.pages.state[page] ?? 0) | WRITING;
      this.pages.sync(page, 1);
      return true;
    }
    const chunk = chunkPages(region.touches);
    const first = Math.max(page - (page % chunk), region.start >>> PAGE_SHIFT);
    const end = Math.min(page - (page % chunk) + chunk, (region.start + region.length) / PAGE_SIZE);
    for (let p = first; p < end; p++) if (this.pages.guest[p] === guest) this.touch(p, region);
    this.pages.sync(first, end - first);
    // The store may reach over the border: give both pages, before half of it is stored.
    if (
      address % PAGE_SIZE > PAGE_SIZE - LONGEST_STORE &&
      !((this.pages.state[page + 1] ?? 0) & PROT_WRITE)
    ) {
      this.grantWrite((page + 1) * PAGE_SIZE);
    }
    return true;
  }

  /** After a fetch was refused: true when the page may be executed, and now can be. */
  grantExec(address: number): boolean {
    const page = address >>> PAGE_SHIFT;
    if (!((this.pages.guest[page] ?? 0) & PROT_EXEC)) return false;
    this.pages.state[page] = (this.pages.state[page] ?? 0) & ~WRITING;
    this.pages.sync(page, 1);
    return true;
  }

  /** True when the guest may write all of the range. */
  mayWrite(address: number, length: number): boolean {
    const last = ((address + length - 1) >>> 0) >>> PAGE_SHIFT;
    for (let page = address >>> PAGE_SHIFT; page <= last; page++) {
      if (!((this.pages.guest[page] ?? 0) & PROT_WRITE)) return false;
    }
    return true;
  }

  /** True when every page of the range is mapped. */
  present(address: number, length: number): boolean {
    if (length === 0) return true;
    const end = address + length;
    if (end > 2 ** 32) return false;
    const last = (end - 1) >>> PAGE_SHIFT;
    for (let page = address >>> PAGE_SHIFT; page <= last; page++) {
      if ((this.pages.guest[page] ?? 0) === 0) return false;
    }
    return true;
  }

  /** The tables were changed for these pages: tell the engine, and be another layout. */
  changed(first: number, count: number, generation = ++this.lastGeneration): void {
    this.pages.sync(first, count);
    this.generation = generation;
  }

  private touch(page: number, region: Region): void {
    const state = this.pages.state[page] ?? 0;
    if (state & TOUCHED) return;
    this.pages.state[page] = state | TOUCHED;
    region.touches++;
    const bytes = this.pages.bytes(page);
    const pristine = isZero(bytes) ? ZERO_PAGE : bytes.slice();
    this.touched.push({ page, bytes, pristine });
  }

  private beforeHostWrite(address: number, length: number): void {
    const last = (address + length - 1) >>> PAGE_SHIFT;
    for (let page = address >>> PAGE_SHIFT; page <= last; page++) {
      const state = this.pages.state[page] ?? 0;
      if (state & PROT_EXEC) this.engine.forgetCode(page * PAGE_SIZE, PAGE_SIZE);
      if (!this.sealed) this.pages.state[page] = state | LOADED;
      if (!this.sealed || state & TOUCHED) continue;
      const region = this.pages.region(page);
      if (region !== undefined) this.touch(page, region);
    }
  }

  /** Zeroed ghosts where there are some, new regions elsewhere. */
  private provideMemory(first: number, count: number): void {
    const end = first + count;
    let page = first;
    while (page < end) {
      if (this.pages.region(page) !== undefined) {
        this.clearPage(page);
        page++;
        continue;
      }
      const from = page;
      do page++;
      while (page < end && this.pages.region(page) === undefined);
      this.pages.addRegion(from * PAGE_SIZE, (page - from) * PAGE_SIZE);
    }
  }

  /** Does nothing, and touches nothing, where the page is zero already: thread stacks are large and mostly unused. */
  private clearPage(page: number): void {
    if (((this.pages.state[page] ?? 0) & (TOUCHED | LOADED)) === 0) return;
    const bytes = this.pages.bytes(page);
    if (isZero(bytes)) return;
    this.beforeHostWrite(page * PAGE_SIZE, PAGE_SIZE);
    bytes.fill(0);
  }

  /** Sets the table entry of every mapped page in the range; absent ones stay absent. */
  private eachMapped(address: number, length: number, entry: () => number): void {
    const [first, count] = pageRange(address, length);
    const { guest } = this.pages;
    const end = first + count;
    let page = first;
    while (page < end) {
      const from = page;
      for (; page < end && guest[page] !== 0; page++) guest[page] = entry();
      if (page > from) this.changed(from, page - from);
      else page++;
    }
  }

  private eachPart(address: number, length: number, use: (part: Uint8Array, at: number) => void): void {
    for (let at = 0; at < length; ) {
      const here = address + at;
      const offset = here % PAGE_SIZE;
      const size = Math.min(PAGE_SIZE - offset, length - at);
      use(this.pages.bytes(here >>> PAGE_SHIFT).subarray(offset, offset + size), at);
      at += size;
    }
  }
}

/** Few pages at first, then growing runs: thousands of separate permissions would make every change slow. */
function chunkPages(touches: number): number {
  if (touches < 16) return 1;
  if (touches < 128) return 16;
  return touches < 1024 ? 64 : 256;
}

function isZero(page: Uint8Array): boolean {
  return Buffer.compare(page, ZERO_PAGE) === 0;
}

/** First page and number of pages; throws BAD_RANGE when the range is not whole pages of the 4 GiB. */
function pageRange(address: number, length: number): [first: number, count: number] {
  const whole = address % PAGE_SIZE === 0 && length % PAGE_SIZE === 0;
  if (!whole || address < 0 || length <= 0 || address + length > 2 ** 32) {
    throw new CpuError('BAD_RANGE', `${hex32(address)} + ${length}: not a range of whole pages`);
  }
  return [address / PAGE_SIZE, length / PAGE_SIZE];
}
