// Puts a world that stands at `ready` into a case's initial state, by writing the kernel's state: a real process would make
// calls for it (src/fuzz/hardware/script.ts lets it).

import { setBlocked } from '../../kernel/signal/pending.js';
import { signalSet } from '../../kernel/sigset.js';
import { DEFAULT_ACTION, type SigAction } from '../../kernel/state.js';
import type { World } from '../../world/world.js';
import type { CallSpec, Value } from './calls.js';
import { type Action, type EntryCase, USUAL_ACTIONS } from './case.js';
import { type StagedWorld, theStage } from './stage.js';

/** Signals whose action cannot be set. */
const FIXED = [9, 19];

export function settingOf(of: EntryCase): Setting {
  return { actions: actionsOf(of), altStack: of.altStack, altAt: of.altAt, blocked: of.blocked };
}

/** The last action that names a signal counts. */
function actionsOf({ actions }: EntryCase): Action[] {
  const all = [...USUAL_ACTIONS, ...actions].filter(({ sig }) => !FIXED.includes(sig));
  return all.filter((action, i) => all.findLastIndex(({ sig }) => sig === action.sig) === i);
}

/** SIG_DFL, SIG_IGN or the stage's handler. */
export function handlerAddress(action: Action): number {
  return action.handler === 'default' ? 0 : action.handler === 'ignore' ? 1 : theStage().at('handler');
}

function sigAction(action: Action): SigAction {
  const [low, high] = action.mask;
  return { handler: handlerAddress(action), flags: action.flags, mask: signalSet(low, high), restorer: 0 };
}

/** What is set before a case begins. */
export interface Setting {
  readonly actions: readonly Action[];
  /** Bytes of the alternate stack; 0 is none. */
  readonly altStack: number;
  /** Where it begins; null is the stage's `other_stack`. */
  readonly altAt?: number | null;
  readonly blocked: readonly [low: number, high: number];
}

export function alternateAt({ altAt }: Setting): number {
  return altAt ?? theStage().at('other_stack');
}

export function prepare({ world, ready }: StagedWorld, of: Setting): void {
  world.restore(ready);
  const task = world.current;
  const [process] = world.kernel.state.processes;
  if (process === undefined) return;
  const actions = Array.from({ length: 64 }, () => DEFAULT_ACTION);
  for (const action of of.actions) actions[action.sig - 1] = sigAction(action);
  process.actions = actions;
  if (of.altStack > 0) task.altStack = { sp: alternateAt(of), size: of.altStack, flags: 0 };
  setBlocked(world.kernel, task, signalSet(...of.blocked));
}

function numberOf(value: Value): number {
  return typeof value === 'number' ? value : theStage().at(value);
}

/** As the registers ebx, ecx, edx, esi, edi and ebp have them. */
export function argumentsOf({ args }: CallSpec): number[] {
  return args.map(numberOf);
}

const ARGUMENTS = ['ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'] as const;

/** Registers for one call; the stack has room for four words above ESP. */
export function loadCall(world: World, call: CallSpec, of: EntryCase, site: number): void {
  const { cpu } = world;
  cpu.set('eax', call.nr);
  const values = argumentsOf(call);
  for (const [i, name] of ARGUMENTS.entries()) cpu.set(name, values[i] ?? 0);
  cpu.set('esp', of.esp);
  cpu.set('eip', site);
  cpu.setEflags(of.eflags);
}
