// Every mutant of assembly over worker threads, and what became of each, in the order of the list.
import { overWorkers } from '../suite/pool.js';
import { equivalence } from './equivalent.js';
import { mutant } from './judge.js';
import { mutantSubjects } from './subjects.js';
import type { MutantResult } from './types.js';

export interface MutantsOptions {
  readonly jobs: number;
  /** Sweep also what is known to be equivalent. */
  readonly all?: boolean;
  /** Only mutants of which this is so. */
  readonly wanted?: (subject: string, name: string) => boolean;
  readonly onMutant?: (done: number, total: number) => void;
}

/** A line of the report. */
export interface MutantLine extends Omit<MutantResult, 'same'> {
  readonly outcome: 'killed' | 'survived' | 'equivalent';
  /** Why nothing can kill it; null where something did, or might. */
  readonly reason: string | null;
}

export function lineOf({ same, ...result }: MutantResult): MutantLine {
  if (result.killer !== null) return { ...result, outcome: 'killed', reason: null };
  const reason = equivalence({ ...result, same });
  return { ...result, outcome: reason === null ? 'survived' : 'equivalent', reason };
}

export async function runMutants({
  jobs,
  all = false,
  wanted = () => true,
  onMutant,
}: MutantsOptions): Promise<MutantLine[]> {
  const tasks = mutantSubjects().flatMap(({ id, changes }, subject) =>
    changes.flatMap(({ name }, change) => (wanted(id, name) ? [{ subject, change, all }] : [])),
  );
  const results = await overWorkers(tasks, {
    ...{ jobs, worker: new URL('./judge.js', import.meta.url), name: 'mutant', here: mutant },
    ...(onMutant === undefined ? {} : { onCell: onMutant }),
  });
  return results.map(lineOf);
}
