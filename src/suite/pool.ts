import { Tinypool } from 'tinypool';
import { runCell } from './cell.js';
import type { CellId, CellResult } from './types.js';

/** Sweeps many cells over worker threads; results come in the order of the plan, whoever was first. */
export interface PoolOptions {
  /** 1 runs here, without a worker, unless `inWorkers`. */
  readonly jobs: number;
  readonly inWorkers?: boolean;
  readonly onCell?: (done: number, total: number) => void;
}

export async function runCells(
  ids: readonly CellId[],
  { jobs, inWorkers, onCell }: PoolOptions,
): Promise<CellResult[]> {
  let done = 0;
  const count = <T>(result: T): T => {
    done++;
    onCell?.(done, ids.length);
    return result;
  };
  if (jobs <= 1 && inWorkers !== true) return ids.map((id) => count(runCell(id)));
  const pool = new Tinypool({
    filename: new URL('./worker.js', import.meta.url).href,
    name: 'cell',
    runtime: 'worker_threads',
    minThreads: jobs,
    maxThreads: jobs,
  });
  try {
    return await Promise.all(ids.map(async (id) => count((await pool.run(id)) as CellResult)));
  } finally {
    await pool.destroy();
  }
}
