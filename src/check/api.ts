// A check for programs: what the command does, with inputs as data and a report as the answer.
import { planAssembly } from './asm-input.js';
import { heldToExpected, planFolder } from './folder-input.js';
import { planShipped } from './libc-input.js';
import { planPatch } from './patch-input.js';
import type { CheckChoice, PlanResult } from './plan.js';
import { type ProgramRequest, planProgram } from './program-input.js';
import { type RunOptions, runCheck } from './run.js';
import type { CheckReport } from './types.js';
import { planVdso } from './vdso-input.js';

/** One thing to be checked; texts and bytes are the caller's, `path` is what messages call them. */
export type CheckInput =
  | { readonly kind: 'asm'; readonly path: string; readonly text: string; readonly replaces: string }
  | { readonly kind: 'vdso'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly kind: 'patch'; readonly path: string; readonly text: string; readonly tree: string }
  | { readonly kind: 'shipped'; readonly libc: string }
  /** `signal`: its number; undefined: the program's own pthread_cancel. */
  | ({ readonly kind: 'program' } & Omit<ProgramRequest, 'choice'>)
  | { readonly kind: 'folder'; readonly path: string };

export interface CheckRequest extends Partial<Pick<CheckChoice, 'scenarios' | 'images' | 'libc'>> {
  readonly input: CheckInput;
  /** Worker threads; 1, the default, runs here. */
  readonly jobs?: number;
  readonly baseline?: NonNullable<RunOptions['baseline']>;
}

export type CheckAnswer =
  | { readonly ok: true; readonly report: CheckReport }
  | { readonly ok: false; readonly reason: string };

/** Plans and runs a check. What cannot be checked is refused with one line. */
export async function check({ input, jobs = 1, baseline, ...rest }: CheckRequest): Promise<CheckAnswer> {
  const options: RunOptions = { jobs, ...(baseline === undefined ? {} : { baseline }) };
  if (input.kind === 'folder') {
    const planned = planFolder(input.path);
    if (!planned.ok) return { ok: false, reason: planned.reason };
    const { plan, entries } = planned.folder;
    return { ok: true, report: heldToExpected(await runCheck(plan, options), entries) };
  }
  const planned = planFor(input, {
    libc: rest.libc,
    scenarios: rest.scenarios ?? [],
    images: rest.images ?? [],
  });
  if (!planned.ok) return { ok: false, reason: planned.reason };
  return { ok: true, report: await runCheck(planned.plan, options) };
}

function planFor(input: Exclude<CheckInput, { kind: 'folder' }>, choice: CheckChoice): PlanResult {
  switch (input.kind) {
    case 'asm':
      return planAssembly({ ...input, choice });
    case 'vdso':
      return planVdso({ ...input, choice });
    case 'patch':
      return planPatch({ ...input, choice });
    case 'program':
      return planProgram({ ...input, choice });
    case 'shipped':
      return planShipped(input.libc, choice);
  }
}
