import type { Context, Cpu } from '../cpu/index.js';

/**
 * Registers of the tasks that are not on the CPU, by thread id. Snapshots share them: only those made since the last
 * snapshot or restore may be written into.
 */
export class Contexts {
  private byTid = new Map<number, Context>();
  private readonly own = new Set<number>();
  /** Contexts that nobody has any more. */
  private readonly spare: Context[] = [];

  get(tid: number): Context | undefined {
    return this.byTid.get(tid);
  }

  /** Keeps what is on the CPU as this task's registers. */
  store(tid: number, cpu: Cpu): void {
    const context = (this.own.has(tid) ? this.byTid.get(tid) : undefined) ?? this.spare.pop();
    if (context !== undefined) cpu.saveContext(context);
    this.byTid.set(tid, context ?? cpu.newContext());
    this.own.add(tid);
  }

  /** For a snapshot: from here on nothing in it is written into. */
  share(): ReadonlyMap<number, Context> {
    this.own.clear();
    return new Map(this.byTid);
  }

  restore(shared: ReadonlyMap<number, Context>): void {
    for (const tid of this.own) {
      const context = this.byTid.get(tid);
      if (context !== undefined) this.spare.push(context);
    }
    this.own.clear();
    this.byTid = new Map(shared);
  }

  /** In order of thread ids, but for one task, as bytes to be hashed. */
  bytesExcept(tid: number): Uint8Array[] {
    return [...this.byTid]
      .filter(([other]) => other !== tid)
      .sort(([a], [b]) => a - b)
      .map(([, { words }]) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
  }
}
