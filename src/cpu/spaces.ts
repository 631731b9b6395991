/**
 * Several address spaces on one engine: the one that is loaded, and images of the others. Loading one costs a copy of all
 * touched pages in each direction; a process that is alone never pays. Images are never written into: snapshots of the
 * whole machine share them.
 */
import type { Memory } from './memory.js';
import type { MemorySnapshot, Snapshots } from './snapshot.js';

export type SpaceImages = ReadonlyMap<number, MemorySnapshot>;

export class Spaces {
  private loaded = 0;
  private images: SpaceImages = new Map();

  constructor(
    private readonly memory: Memory,
    private readonly snapshots: Snapshots,
  ) {}

  /** The address space that is loaded. */
  get current(): number {
    return this.loaded;
  }

  /** The others; not changed by what happens later. */
  get others(): SpaceImages {
    return this.images;
  }

  /** A new address space with the content of the loaded one. */
  copyTo(id: number): void {
    this.images = new Map([...this.images, [id, this.snapshots.take()]]);
  }

  /** Loads another one; an id that is not known is a new one, and empty. */
  enter(id: number): void {
    if (id === this.loaded) return;
    const target = this.images.get(id);
    const rest = [...this.images].filter(([other]) => other !== id);
    this.images = new Map([...rest, [this.loaded, this.snapshots.take()]]);
    if (target === undefined) this.empty();
    else this.snapshots.restore(target);
    this.loaded = id;
  }

  /** Forgets one that is not loaded. */
  drop(id: number): void {
    if (this.images.has(id)) this.images = new Map([...this.images].filter(([other]) => other !== id));
  }

  /** Of a snapshot; the loaded one's memory is restored by the caller. */
  restore(current: number, others: SpaceImages): void {
    this.loaded = current;
    this.images = others;
  }

  private empty(): void {
    for (const { start, length } of this.memory.pages.regions) this.memory.unmap(start, length);
  }
}
