// Cells that execute the same code are swept once, and the others take the first one's result under their own names.
import { allImages } from './catalog.js';
import type { CellOptions } from './cell.js';
import { type Executed, executedCode } from './executed.js';
import { overWorkers, type PoolOptions, runCells } from './pool.js';
import type { CellId, CellResult, Place } from './types.js';

/**
 * Which cells could be the same at all, without running anything: one C library (a program's addresses are part of its code,
 * and no two libraries put everything at the same ones), design and scenario, and images of one form and kind of kernel.
 */
function likeness({ libc, design, vdso, scenario, handler }: CellId): string {
  const found = allImages().find(({ id }) => id === vdso);
  const image = found?.ok ? [found.image.flavour, found.image.form] : [vdso];
  return JSON.stringify([libc, design, scenario, handler, ...image]);
}

/** Cells that are alike, in the order of the plan; those with nobody like them are left out. */
function alike(ids: readonly CellId[]): CellId[] {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(likeness(id), (counts.get(likeness(id)) ?? 0) + 1);
  return ids.filter((id) => (counts.get(likeness(id)) ?? 0) > 1);
}

/** As runCells, but each code is swept once. Results are in the order of the plan. */
export async function runSharing(
  ids: readonly CellId[],
  options: PoolOptions & Partial<CellOptions>,
): Promise<CellResult[]> {
  const candidates = alike(ids);
  if (candidates.length === 0) return runCells(ids, options);
  const { jobs, inWorkers } = options;
  const worker = new URL('./worker.js', import.meta.url);
  const found = await overWorkers(candidates, {
    jobs,
    ...(inWorkers === undefined ? {} : { inWorkers }),
    worker,
    name: 'executed',
    here: executedCode,
  });
  const executed = new Map(candidates.map((id, at) => [id, found[at] ?? null]));
  const firsts = new Map<string, CellId>();
  for (const [id, code] of executed) if (code !== null && !firsts.has(code.key)) firsts.set(code.key, id);
  const sweptFor = (id: CellId): CellId => firsts.get(executed.get(id)?.key ?? '') ?? id;
  const distinct = ids.filter((id) => sweptFor(id) === id);
  const results = await runCells(distinct, options);
  const byId = new Map(distinct.map((id, at) => [id, results[at]]));
  return ids.flatMap((id) => {
    const first = sweptFor(id);
    const result = byId.get(first);
    if (result === undefined) return [];
    return first === id ? result : renamed(result, id, executed.get(first), executed.get(id));
  });
}

/** The result as the other cell's own: its name, its hash for tokens, its addresses. */
function renamed(
  result: CellResult,
  id: CellId,
  from: Executed | null | undefined,
  to: Executed | null | undefined,
): CellResult {
  if (result.kind === 'skipped' || !from || !to) return { ...result, id };
  const moved = (place: Place): Place => {
    const name = place.name.replace(/\+\d+$/, '');
    const [old, own] = [from.functions[name], to.functions[name]];
    if (place.object !== 'vdso' || old === undefined || own === undefined) return place;
    return { ...place, address: place.address - old + own };
  };
  const points = result.points.map((point) => ({ ...point, place: moved(point.place) }));
  return { ...result, id, code: to.code, points, sameCodeAs: result.id };
}
