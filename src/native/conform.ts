/** One program held against the running kernel: every case it names, every point, every choice of signals. */
import { cpus, release } from 'node:os';
import type { ElfFile } from '../elf/index.js';
import type { VdsoImage } from '../vdso/index.js';
import { casesOf } from './cases.js';
import { addCounts, type Counts, noCounts } from './difference.js';
import { sweepFree } from './free.js';
import { startModel } from './pair.js';
import { probeMachine } from './probe.js';
import { type CaseDifference, sweepCase } from './sweep.js';

/** What the comparison rests on; part of every report. */
export interface MachineFacts {
  readonly kernel: string;
  readonly cpu: string;
  /** Form of the running kernel's vDSO and how it enters the kernel. */
  readonly vdso: string;
  /** Bytes of the XSAVE area in a frame, null without XSAVE. */
  readonly xsave: number | null;
}

export type MachineResult =
  | { readonly ok: true; readonly facts: MachineFacts }
  | { readonly ok: false; readonly reason: string };

export function describeMachine(vdso: VdsoImage): MachineResult {
  const probe = probeMachine();
  if (!probe.ok) return probe;
  const cpu = cpus()[0]?.model ?? 'unknown';
  const facts = { kernel: release(), cpu, vdso: vdso.form, xsave: probe.xsave?.size ?? null };
  return { ok: true, facts };
}

export interface CaseReport {
  readonly args: readonly string[];
  readonly points: number;
  readonly counts: Counts;
  readonly differences: readonly CaseDifference[];
  readonly incomplete: string | null;
}

export interface ProgramReport {
  readonly name: string;
  readonly cases: readonly CaseReport[];
  /** Why nothing was compared. */
  readonly failed: string | null;
}

export interface ConformOptions {
  readonly path: string;
  readonly vdso: VdsoImage;
  /** Only every nth instruction; calls keep all their points. */
  readonly stride: number;
  /** Only cases whose arguments begin with this. */
  readonly only?: string;
  readonly progress?: (args: readonly string[], points: number) => void;
}

export function conformProgram(program: ElfFile, options: ConformOptions): ProgramReport {
  const { name } = program;
  const start = program.findSymbol('main')?.value;
  if (start === undefined) return { name, cases: [], failed: `${name} has no symbol main to start from` };
  const found = casesOf(program);
  if (!found.ok) return { name, cases: [], failed: found.reason };
  const describe = describer(program);
  const cases: CaseReport[] = [];
  for (const { args, signals, free } of found.cases) {
    if (!args.join(' ').startsWith(options.only ?? '')) continue;
    const { path, vdso, stride, progress } = options;
    const started = startModel({ program, path, args, vdso, start }, free ? 'attached' : 'stepped');
    if (!started.ok) return { name, cases, failed: started.reason };
    try {
      const result = (free ? sweepFree : sweepCase)(started.model, {
        signals,
        describe,
        stride,
        ...(progress === undefined ? {} : { progress: (points) => progress(args, points) }),
      });
      cases.push({ args: free ? [...args, '(free)'] : args, ...result });
    } finally {
      started.model.world.close();
    }
  }
  return { name, cases, failed: null };
}

/** `function+offset` for an address of the program; other addresses as they are. */
function describer(program: ElfFile): (address: number) => string {
  const functions = program.symbols.filter(({ value, type }) => value !== 0 && type === 'FUNC');
  const sorted = functions.sort((a, b) => a.value - b.value);
  const end = Math.max(...program.segments.map(({ vaddr, memsz }) => vaddr + memsz));
  return (address) => {
    const symbol = address < end ? sorted.findLast(({ value }) => value <= address) : undefined;
    return symbol === undefined
      ? `0x${address.toString(16)}`
      : `${symbol.name}+0x${(address - symbol.value).toString(16)}`;
  };
}

export interface Totals {
  readonly points: number;
  readonly counts: Counts;
  readonly differences: number;
  /** Programs or cases not, or not wholly, compared. */
  readonly incomplete: number;
}

export function totalsOf(programs: readonly ProgramReport[]): Totals {
  const cases = programs.flatMap((program) => program.cases);
  const counts = noCounts();
  for (const one of cases) addCounts(counts, one.counts);
  return {
    points: cases.reduce((sum, one) => sum + one.points, 0),
    counts,
    differences: cases.reduce((sum, one) => sum + one.differences.length, 0),
    incomplete:
      cases.filter((one) => one.incomplete !== null).length +
      programs.filter(({ failed }) => failed !== null).length,
  };
}
