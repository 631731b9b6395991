// What a branch may run through without looking, as the main line has shown it.
import type { Cpu } from '../cpu/index.js';
import type { Point } from './points.js';
import type { Stand } from './unwind/unwinding.js';

/**
 * For each point of the main line: the instruction, and how many instructions (itself included) pass before the next one
 * at which the watch has something to see or the kernel is entered. 0 for the kernel's moments.
 */
export type Plan = readonly {
  readonly address: number;
  readonly quiet: number;
  /** Where unwinding is looked at and the target was on the CPU: its stack there. */
  readonly stand: Stand | null;
}[];

/** See Plan; `stands` belong to the points. */
export function planOf(
  points: readonly Point[],
  enter: number | null,
  stands: readonly (Stand | null)[] = [],
): Plan {
  const plan: { address: number; quiet: number; stand: Stand | null }[] = [];
  let quiet = 0;
  for (const [i, point] of [...points.entries()].reverse()) {
    const user = point.moment === 'user';
    quiet = user ? quiet + 1 : 0;
    plan.push({ address: point.address, quiet, stand: stands[i] ?? null });
    if (user && point.address === enter) quiet = 0;
  }
  return plan.reverse();
}

/** Where in the plan a thread in user mode stands, if it goes on as the plan says: the same instruction and ESP. */
export function resumption(
  plan: Plan | null,
  cursor: number,
  cpu: Cpu,
): { readonly index: number; readonly quiet: number; readonly onPlan: boolean } {
  let index = cursor;
  while (plan?.[index]?.quiet === 0) index++;
  const here = plan?.[index];
  const onPlan = here !== undefined && here.address === cpu.get('eip') && here.stand?.esp === cpu.get('esp');
  return { index, quiet: onPlan ? here.quiet : 0, onPlan };
}
