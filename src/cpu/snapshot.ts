/**
 * Snapshots of memory: the touched pages' contents and the layout (which pages are mapped, how).
 *
 * A restore does work only for what can differ: contents of touched pages, and the layout when its generation
 * is another one. Page buffers are recycled by `release`.
 */
import type { Engine } from './engine.js';
import type { Memory } from './memory.js';
import type { Pages, Region } from './pages.js';
import { PAGE_SHIFT, PAGE_SIZE, PROT_EXEC } from './protection.js';

/** The `guest` table entries of every region there was, in order of the regions. */
interface LayoutImage {
  readonly generation: number;
  readonly entries: readonly Uint8Array[];
}

export interface MemorySnapshot {
  readonly layout: LayoutImage;
  /** Contents of the first touched pages, in order of touching. */
  readonly contents: Uint8Array[];
}

const SLAB_PAGES = 64;

export class Snapshots {
  private readonly free: Uint8Array[] = [];
  private image: LayoutImage | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly memory: Memory,
  ) {}

  take(): MemorySnapshot {
    this.memory.seal();
    const contents: Uint8Array[] = [];
    for (const { bytes } of this.memory.touched) {
      const copy = this.free.pop() ?? this.newPage();
      copy.set(bytes);
      contents.push(copy);
    }
    return { layout: this.currentImage(), contents };
  }

  restore(snapshot: MemorySnapshot): void {
    const { touched, pages } = this.memory;
    const { contents } = snapshot;
    for (let i = 0; i < touched.length; i++) {
      const target = touched[i];
      if (target === undefined) continue;
      const { page, bytes } = target;
      const saved = contents[i] ?? target.pristine;
      if ((pages.state[page] ?? 0) & PROT_EXEC && Buffer.compare(bytes, saved) !== 0) {
        this.engine.forgetCode(page * PAGE_SIZE, PAGE_SIZE);
      }
      bytes.set(saved);
    }
    if (snapshot.layout.generation !== this.memory.generation) this.restoreLayout(snapshot.layout);
  }

  /** Gives the buffers back; the snapshot must not be used any more. */
  release(snapshot: MemorySnapshot): void {
    this.free.push(...snapshot.contents.splice(0));
  }

  private newPage(): Uint8Array {
    const slab = new Uint8Array(new ArrayBuffer(SLAB_PAGES * PAGE_SIZE));
    for (let i = 1; i < SLAB_PAGES; i++) this.free.push(slab.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE));
    return slab.subarray(0, PAGE_SIZE);
  }

  private currentImage(): LayoutImage {
    const { generation, pages } = this.memory;
    if (this.image?.generation !== generation) {
      this.image = { generation, entries: pages.regions.map((region) => entriesOf(pages, region).slice()) };
    }
    return this.image;
  }

  private restoreLayout(layout: LayoutImage): void {
    const { pages } = this.memory;
    pages.regions.forEach((region, i) => {
      const now = entriesOf(pages, region);
      const then = layout.entries[i];
      if (then === undefined) now.fill(0);
      else if (Buffer.compare(now, then) === 0) return;
      else now.set(then);
      this.memory.changed(region.start >>> PAGE_SHIFT, now.length);
    });
    this.memory.generation = layout.generation;
    this.image = layout;
  }
}

/** The part of the `guest` table that belongs to a region, shared. */
function entriesOf(pages: Pages, region: Region): Uint8Array {
  const first = region.start >>> PAGE_SHIFT;
  return pages.guest.subarray(first, first + region.length / PAGE_SIZE);
}
