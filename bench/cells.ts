/** Whole cells, on one worker thread and on two. */
import { performance } from 'node:perf_hooks';
import { SCENARIOS } from '../dist/explore/scenarios.js';
import { runCells } from '../dist/suite/pool.js';
import { median } from './measure.js';

const ROUNDS = 3;
/** Their spinning gives them ten times the points of the others. */
const LONG = new Set(['sem-wait', 'cond-wait']);

export async function benchCells(): Promise<void> {
  const ids = ['pc-check', 'naive-vdso'].flatMap((design) =>
    SCENARIOS.filter(({ id }) => !LONG.has(id)).map(({ id }) => ({
      libc: 'musl-1.2.3',
      design,
      vdso: 'host',
      scenario: id,
    })),
  );
  const times: Record<1 | 2, number[]> = { 1: [], 2: [] };
  let runs = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const workers of [1, 2] as const) {
      const before = performance.now();
      const results = await runCells(ids, { jobs: workers, inWorkers: true });
      times[workers].push(performance.now() - before);
      runs = results.reduce((sum, result) => sum + (result.kind === 'swept' ? result.executed : 0), 0);
    }
  }
  const one = median(times[1]);
  const two = median(times[2]);
  console.log(`${ids.length} cells, ${runs} runs, start of the workers included (wall time)`);
  console.log(`  one worker   ${one.toFixed(0)} ms  ${((one * 1000) / runs).toFixed(0)} us a run`);
  console.log(`  two workers  ${two.toFixed(0)} ms  ${(one / two).toFixed(2)} x one (limit: 1.8)\n`);
}
