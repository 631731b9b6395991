/**
 * Measuring: every round runs each candidate once, so that a change of the machine's speed hits all alike; the
 * median over the rounds is reported, and its ratio to the reference of the same run. CPU time of this process,
 * not wall time, as the machine may be busy.
 */

export interface Candidate {
  readonly name: string;
  /** Operations that one call of `run` performs. */
  readonly operations: number;
  run(): void;
}

export interface Result {
  readonly name: string;
  /** Median over the rounds. */
  readonly nanoseconds: number;
  /** To the first candidate. */
  readonly ratio: number;
}

/** The first candidate is the reference. Two rounds to warm up are not counted. */
export function measure(candidates: readonly Candidate[], rounds = 15): Result[] {
  const times = candidates.map((): number[] => []);
  for (let round = -2; round < rounds; round++) {
    candidates.forEach((candidate, i) => {
      const before = process.cpuUsage();
      candidate.run();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) times[i]?.push(((user + system) * 1000) / candidate.operations);
    });
  }
  const medians = times.map(median);
  const reference = medians[0] ?? 1;
  return candidates.map(({ name }, i) => {
    const nanoseconds = medians[i] ?? 0;
    return { name, nanoseconds, ratio: nanoseconds / reference };
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

export function printTable(title: string, results: readonly Result[]): void {
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log(title);
  for (const { name, nanoseconds, ratio } of results) {
    const time =
      nanoseconds < 10_000 ? `${nanoseconds.toFixed(0)} ns` : `${(nanoseconds / 1000).toFixed(1)} us`;
    console.log(`  ${name.padEnd(width)}  ${time.padStart(10)}  ${ratio.toFixed(2).padStart(6)} x`);
  }
  console.log('');
}
