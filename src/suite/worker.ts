import { runCell } from './cell.js';
import type { CellId, CellResult } from './types.js';

/** What a worker thread runs: tinypool calls the default-named task. */
export function cell(id: CellId): CellResult {
  return runCell(id);
}
