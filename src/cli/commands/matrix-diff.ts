// `sigsweep matrix --diff A B`: what changed from one version of a C library, or of the vDSO, to another.
import { diffJson, diffText } from '../../report/diff-text.js';
import { styleFor } from '../../report/style.js';
import { changeOf, type DiffRequest, planDiff } from '../../suite/diff.js';
import { type CellId, type CellResult, verdictOf } from '../../suite/types.js';
import { UsageError } from '../errors.js';
import { requireEngine } from '../input.js';
import { EXIT, type Io } from '../io.js';

export interface DiffOptions {
  readonly json?: boolean;
  readonly failOnViolation?: boolean;
}

/** Two names, of which both are C libraries or both are images. */
export function versionsOf(names: readonly string[]): { from: string; to: string } {
  const [from, to, ...more] = names;
  if (from === undefined || to === undefined || more.length > 0)
    throw new UsageError(`--diff takes two names, not ${names.length}: two C libraries or two vDSO images`);
  return { from, to };
}

/** A survey as the matrix is: 1 only when asked for, and a cell is worse than it was; 2 when it is not complete. */
export async function matrixDiff(
  request: DiffRequest,
  options: DiffOptions,
  sweepAll: (ids: readonly CellId[]) => Promise<CellResult[]>,
  io: Io,
): Promise<number> {
  const planned = planDiff(request);
  if (!planned.ok) throw new UsageError(`${planned.reason} (all names: sigsweep matrix --list)`);
  requireEngine();
  const { pairs } = planned;
  const swept = await sweepAll(pairs.flatMap(({ before, after }) => [before, after]));
  const cells = pairs.flatMap((_, at) => {
    const [before, after] = swept.slice(2 * at);
    return before && after ? [{ before, after, change: changeOf(before, after) }] : [];
  });
  const report = { from: request.from, to: request.to, cells };
  io.out(options.json === true ? diffJson(report) : diffText(report, styleFor(io.colour)));
  const isWorse = cells.some(
    ({ before, after }) => verdictOf(after) === 'violation' && verdictOf(before) !== 'violation',
  );
  if (options.failOnViolation === true && isWorse) return EXIT.violation;
  const complete = swept.every((cell) => ['clean', 'violation'].includes(verdictOf(cell)));
  return complete ? EXIT.clean : EXIT.inconclusive;
}
