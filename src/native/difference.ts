/** What a comparison found: one fact with its name, as the model and as this machine has it. */
export interface Difference {
  /** Where in the run, for people. */
  readonly where: string;
  readonly field: string;
  readonly model: string;
  readonly native: string;
}

export interface Counts {
  /** Runs of a program, each with its own point. */
  runs: number;
  /** Stops at which all registers were compared. */
  steps: number;
  frames: number;
  sigreturns: number;
  masks: number;
  calls: number;
}

export function noCounts(): Counts {
  return { runs: 0, steps: 0, frames: 0, sigreturns: 0, masks: 0, calls: 0 };
}

export function addCounts(total: Counts, more: Counts): void {
  total.runs += more.runs;
  total.steps += more.steps;
  total.frames += more.frames;
  total.sigreturns += more.sigreturns;
  total.masks += more.masks;
  total.calls += more.calls;
}

/** Collects differences of one run; `where` is called only when there is one. */
export class Comparison {
  readonly differences: Difference[] = [];
  readonly counts: Counts = noCounts();

  constructor(private readonly where: () => string) {}

  /** Numbers, shown in hexadecimal. */
  word(field: string, model: number, native: number): void {
    if (model >>> 0 !== native >>> 0) this.text(field, hex(model), hex(native));
  }

  text(field: string, model: string, native: string): void {
    if (model !== native) this.differences.push({ where: this.where(), field, model, native });
  }
}

export function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
