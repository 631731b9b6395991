import { Tinypool } from 'tinypool';
import { type CellOptions, MERGED, runCell } from './cell.js';
import type { CellId, CellResult } from './types.js';

/** Sweeps many cells over worker threads; results come in the order of the plan, whoever was first. */
export interface PoolOptions {
  /** 1 runs here, without a worker, unless `inWorkers`. */
  readonly jobs: number;
  readonly inWorkers?: boolean;
  readonly onCell?: (done: number, total: number) => void;
}

/** What a worker is given. */
export interface CellTask extends CellOptions {
  readonly id: CellId;
}

export async function runCells(
  ids: readonly CellId[],
  { merge = MERGED.merge, ...options }: PoolOptions & Partial<CellOptions>,
): Promise<CellResult[]> {
  const worker = new URL('./worker.js', import.meta.url);
  const here = (id: CellId) => runCell(id, { merge });
  const taskOf = (id: CellId): CellTask => ({ id, merge });
  return overWorkers(ids, { ...options, worker, name: 'cell', here, taskOf });
}

export interface WorkerTask<T, R> extends PoolOptions {
  /** The module that workers load, and its function. */
  readonly worker: URL;
  readonly name: string;
  /** The same function, for a run without workers. */
  readonly here: (item: T) => R;
  /** What a worker gets of an item; absent: the item. */
  readonly taskOf?: (item: T) => unknown;
  /** Called as soon as an item is done, in whatever order that is. */
  readonly onResult?: (item: T, result: R) => void;
}

/** What a function gives for each item, in their order; items and results are plain data. */
export async function overWorkers<T, R>(items: readonly T[], task: WorkerTask<T, R>): Promise<R[]> {
  const { jobs, inWorkers, onCell, worker, name, here, taskOf = (item: T) => item, onResult } = task;
  let done = 0;
  const count = (item: T, result: R): R => {
    done++;
    onResult?.(item, result);
    onCell?.(done, items.length);
    return result;
  };
  if (jobs <= 1 && inWorkers !== true) return items.map((item) => count(item, here(item)));
  const pool = new Tinypool({
    filename: worker.href,
    name,
    runtime: 'worker_threads',
    minThreads: jobs,
    maxThreads: jobs,
  });
  try {
    return await Promise.all(items.map(async (item) => count(item, (await pool.run(taskOf(item))) as R)));
  } finally {
    await pool.destroy();
  }
}
