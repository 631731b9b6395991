import { runCell } from './cell.js';
import { type Executed, executedCode } from './executed.js';
import { type PairsResult, runPairs } from './pairs.js';
import type { CellTask } from './pool.js';
import type { CellId, CellResult } from './types.js';

/** What a worker thread runs: tinypool calls the default-named task. */
export function cell({ id, merge }: CellTask): CellResult {
  return runCell(id, { merge });
}

export function executed(id: CellId): Executed | null {
  return executedCode(id);
}

export function pairs({ id, merge }: CellTask): PairsResult {
  return runPairs(id, merge);
}
