// Runs a plan, or one shard of it, over workers; what is in the shard's blob already is not run again.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { overWorkers } from '../suite/pool.js';
import { earlierIn, keyText } from './baseline.js';
import { type BlobHeader, inShard, openBlob, type Shard } from './blob.js';
import { checkVerdict } from './compare.js';
import type { CheckPlan } from './plan.js';
import { type Baseline, readTrial } from './schema.js';
import { runTrial, type TrialTask } from './trial.js';
import type { CheckReport, Side, Trial, TrialSpec } from './types.js';

/** A blob that cannot be gone on with: the message says what to do. */
export class BlobError extends Error {
  readonly code = 'BLOB';
}

export interface RunOptions {
  /** 1 runs here, without a worker. */
  readonly jobs: number;
  /** Compared with in place of a version that is run. */
  readonly baseline?: { readonly name: string; readonly value: Baseline };
  readonly shard?: Shard;
  /** File for the results of this shard. */
  readonly blob?: string;
  readonly onTrial?: (done: number, total: number) => void;
}

type About = Pick<CheckReport, 'what' | 'against' | 'file' | 'gaps'>;

export async function runCheck(plan: CheckPlan, options: RunOptions): Promise<CheckReport> {
  const { baseline, shard, jobs, blob, onTrial } = options;
  const about: About = {
    ...{ what: plan.what, file: plan.file, gaps: plan.gaps },
    against: baseline === undefined ? plan.against : baseline.name,
  };
  const tasks = plan.specs.map((spec): TrialTask => {
    if (baseline === undefined) return { spec };
    return { spec: { ...spec, before: null }, baseline: earlierIn(baseline.value, spec.key) };
  });
  const keys = tasks.map(({ spec }) => keyText(spec.key));
  const header: BlobHeader = {
    sigsweep: 'blob',
    schema: 1,
    kind: 'check',
    plan: planHash(tasks, about),
    about,
    keys,
  };
  const opened = blob === undefined ? null : openBlob(blob, header);
  if (opened !== null && !opened.ok) throw new BlobError(`${blob}: ${opened.reason}`);
  const known = new Map<number, Trial>();
  for (const [at, result] of opened?.value.results ?? []) {
    const read = readTrial(result);
    if (read.ok) known.set(at, read.value);
  }
  const mine = tasks
    .map((task, at) => ({ task, at }))
    .filter(({ at }) => shard === undefined || inShard(keys[at] ?? '', shard));
  const todo = mine.filter(({ at }) => !known.has(at));
  await overWorkers(todo, {
    // A worker takes a second to start: none is started that has nothing to do.
    ...{ jobs: Math.min(jobs, todo.length), worker: new URL('./worker.js', import.meta.url), name: 'trial' },
    here: ({ task }) => runTrial(task),
    taskOf: ({ task }) => task,
    onResult: ({ at }, trial) => {
      known.set(at, trial);
      opened?.value.add(at, trial);
    },
    ...(onTrial === undefined ? {} : { onCell: onTrial }),
  });
  return checkReport(
    about,
    mine.flatMap(({ at }) => known.get(at) ?? []),
  );
}

export function checkReport(about: About, trials: readonly Trial[]): CheckReport {
  const { what, against, file, gaps } = about;
  return { what, against, file, trials, gaps, verdict: checkVerdict({ trials, gaps }) };
}

/** Two plans have the same hash when every byte that can matter to their results is the same. */
function planHash(tasks: readonly TrialTask[], about: About): string {
  const files = new Map<string, string>();
  const hash = createHash('sha256').update(JSON.stringify(about));
  for (const { spec, baseline } of tasks) {
    hash.update(keyText(spec.key));
    if (baseline !== undefined && baseline !== null && baseline !== 'nothing')
      hash.update(JSON.stringify([baseline.complete, [...baseline.fingerprints]]));
    for (const side of sidesOf(spec)) hash.update(sideText(side, files));
  }
  return hash.digest('hex').slice(0, 16);
}

function sidesOf({ before, after }: TrialSpec): Side[] {
  return before === null ? [after] : [after, before];
}

function sideText(side: Side, files: Map<string, string>): string {
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  if (side.kind === 'frames') return `${side.label} ${digest(side.bytes)}`;
  const program =
    files.get(side.program) ?? (existsSync(side.program) ? digest(readFileSync(side.program)) : '');
  files.set(side.program, program);
  const { image, program: _path, lines: _lines, ...rest } = side;
  return `${JSON.stringify(rest)} ${program} ${image.id} ${digest(image.bytes)}`;
}
