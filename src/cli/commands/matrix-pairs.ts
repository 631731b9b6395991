// `sigsweep matrix --pairs HANDLER`: two deliveries in one run, for every design.
import { pairsTable } from '../../report/pairs-table.js';
import { styleFor } from '../../report/style.js';
import { type PairsResult, runPairs } from '../../suite/pairs.js';
import { type MatrixRequest, planMatrix } from '../../suite/plan.js';
import { overWorkers } from '../../suite/pool.js';
import type { CellId } from '../../suite/types.js';
import { UsageError } from '../errors.js';
import { requireEngine } from '../input.js';
import { EXIT, type Io, writeJson } from '../io.js';
import { chosenHandler, pairsJson } from './pairs.js';

interface Options {
  readonly handler: string;
  readonly jobs: number;
  readonly merge: boolean;
  readonly json?: boolean;
  readonly failOnViolation?: boolean;
  readonly onCell: (done: number, total: number) => void;
}

/** A survey as the matrix is: 1 only when asked for, 2 when something could not be judged. */
export async function matrixPairs(request: MatrixRequest, options: Options, io: Io): Promise<number> {
  const handler = chosenHandler(options.handler);
  const planned = planMatrix(request);
  if (!planned.ok) throw new UsageError(`${planned.reason} (all names: sigsweep matrix --list)`);
  requireEngine();
  const { jobs, merge, onCell } = options;
  const ids = planned.ids.map((id): CellId => ({ ...id, handler: handler.id }));
  const results = await overWorkers(ids, {
    ...{ jobs, onCell, name: 'pairs', worker: new URL('../../suite/worker.js', import.meta.url) },
    here: (id): PairsResult => runPairs(id, merge),
    taskOf: (id) => ({ id, merge }),
  });
  if (options.json === true) writeJson(io, { cells: results.map(cellJson) });
  else io.out(pairsTable(results, handler.title, styleFor(io.colour)));
  return exitFor(results, options.failOnViolation === true);
}

function cellJson(result: PairsResult): object {
  return result.kind === 'swept' ? pairsJson(result) : { ...result.id, skipped: result.reason };
}

function exitFor(results: readonly PairsResult[], failOnViolation: boolean): number {
  const orders = results.flatMap((result) => (result.kind === 'swept' ? result.orders : []));
  if (failOnViolation && orders.some(({ findings }) => findings.length > 0)) return EXIT.violation;
  const complete =
    results.every(({ kind }) => kind === 'swept') &&
    orders.every(({ inconclusive, pairs }) => inconclusive === 0 && pairs > 0);
  return complete ? EXIT.clean : EXIT.inconclusive;
}
