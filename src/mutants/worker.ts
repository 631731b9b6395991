// What tells a changed kernel model from the model, cheapest first: the rules and the counts of the default sweep, this
// machine's kernel, and the fuzz. A check gives facts; a mutant is killed by the first check whose facts are not the model's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseElf } from '../elf/index.js';
import { USUAL_SCENARIOS } from '../explore/scenarios.js';
import { slice } from '../fuzz/spec.js';
import { conformProgram } from '../native/conform.js';
import { allImages } from '../suite/catalog.js';
import { runCell } from '../suite/cell.js';
import { CACHE } from '../suite/folders.js';
import { LIBC } from './subjects.js';
import type { Killer } from './types.js';

/** What a check has seen: text that two models are compared by, and what of it is a finding by itself. */
export interface KernelFacts {
  readonly where: string;
  /** Broken rules with the number of points, or findings of the fuzz. */
  readonly broken: Readonly<Record<string, number>>;
  /** Everything else that a report says. */
  readonly rest: string;
}

interface KernelCheck {
  readonly where: string;
  readonly run: () => Omit<KernelFacts, 'where'>;
}

const DESIGNS = ['pc-check', 'naive-vdso'];
/** One image of each kind of kernel, as in the golden counts. */
const ON_OTHER_KERNEL = ['read-empty', 'read-arriving', 'nanosleep'];

/** Programs of the comparison with the running kernel, the quick ones first; every 400th instruction and every call. */
const PROGRAMS = ['stack', 'masks', 'frame', 'entry', 'fault', 'edit', 'order'];
const STRIDE = 400;

const FUZZ = [
  { target: 'sigreturn', cases: 250 },
  { target: 'entry', cases: 500 },
] as const;

function cellCheck(design: string, scenario: string, vdso: string): KernelCheck {
  return {
    where: `${scenario} with ${design} on ${vdso}`,
    run: () => {
      const cell = runCell({ libc: LIBC, design, vdso, scenario });
      if (cell.kind === 'skipped') return { broken: {}, rest: cell.reason };
      const broken: Record<string, number> = {};
      for (const { verdict } of cell.points) {
        const violations = verdict.kind === 'violation' ? verdict.violations : [];
        for (const rule of new Set(violations.map((one) => one.rule))) broken[rule] = (broken[rule] ?? 0) + 1;
      }
      const { planned, executed, merged, missing, points } = cell;
      const inconclusive = points.filter(({ verdict }) => verdict.kind === 'inconclusive').length;
      return { broken, rest: JSON.stringify({ planned, executed, merged, missing, inconclusive }) };
    },
  };
}

function conformCheck(name: string): KernelCheck {
  return {
    where: `conform ${name}`,
    run: () => {
      const path = join(CACHE, 'programs', LIBC, 'points', name);
      const host = allImages().find(({ id }) => id === 'host');
      const parsed = parseElf(new Uint8Array(readFileSync(path)), name);
      if (!parsed.ok || host?.ok !== true) return { broken: {}, rest: 'not compared' };
      const { cases, failed } = conformProgram(parsed.elf, { path, vdso: host.image, stride: STRIDE });
      const differences = cases.reduce((sum, one) => sum + one.differences.length, 0);
      const incomplete = cases.filter((one) => one.incomplete !== null).length;
      return { broken: differences > 0 ? { conform: differences } : {}, rest: `${failed} ${incomplete}` };
    },
  };
}

function fuzzCheck(target: 'sigreturn' | 'entry', cases: number): KernelCheck {
  const spec = { target, plant: null, design: null, scenario: null };
  return {
    where: `fuzz ${target} --runs ${cases}`,
    run: () => {
      const { found } = slice({ spec, request: { seed: 1, slice: 0, cases, corpus: [] } });
      return {
        broken: Object.fromEntries(found.map(({ finding, times }) => [finding.rule, times])),
        rest: '',
      };
    },
  };
}

function kernelChecks(): KernelCheck[] {
  return [
    ...USUAL_SCENARIOS.flatMap(({ id }) =>
      DESIGNS.map((design) => cellCheck(design, id, '6.1-686/sysenter')),
    ),
    ...ON_OTHER_KERNEL.flatMap((id) => DESIGNS.map((design) => cellCheck(design, id, '6.19-amd64/syscall'))),
    ...PROGRAMS.map(conformCheck),
    ...FUZZ.map(({ target, cases }) => fuzzCheck(target, cases)),
  ];
}

/** The facts of the model as it is. */
export function kernelFacts(): KernelFacts[] {
  return kernelChecks().map(({ where, run }) => ({ where, ...run() }));
}

function differs(usual: KernelFacts, { broken, rest }: Omit<KernelFacts, 'where'>): Killer | null {
  const { where } = usual;
  for (const [rule, times] of Object.entries(broken)) {
    const usually = usual.broken[rule] ?? 0;
    if (times > usually) return { rule, where, detail: `${times} times, the model ${usually}` };
  }
  const fewer = Object.keys(usual.broken).find((rule) => (broken[rule] ?? 0) < (usual.broken[rule] ?? 0));
  if (fewer !== undefined) return { rule: 'counts', where, detail: `${fewer} is broken less often` };
  return rest === usual.rest ? null : { rule: 'counts', where, detail: `${rest} in place of ${usual.rest}` };
}

/** The first check that tells this model from the one with these facts; an exception of the model is told as well. */
export function kernelKiller(usual: readonly KernelFacts[]): Killer | null {
  for (const [at, { where, run }] of kernelChecks().entries()) {
    const expected = usual[at];
    if (expected === undefined) throw new RangeError(`no facts for ${where}`);
    try {
      const killer = differs(expected, run());
      if (killer !== null) return killer;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { rule: 'exception', where, detail: detail.split('\n')[0] ?? '' };
    }
  }
  return null;
}
