// From a subject to a world in which a thread stands at the begin of its window: by the program's own mark, or by symbols.
import { createWorld } from '../world/create.js';
import { mark } from '../world/marks.js';
import type { World } from '../world/world.js';
import { endingText, findMark } from './endings.js';
import { openOwnWorld, ownMark } from './own-window.js';
import type { Subject } from './subject.js';
import { Births, type Unwinding } from './unwind/unwinding.js';

export type OpenWorld =
  /** The thread `target` has the CPU, in user mode. The caller closes the world. */
  | {
      readonly ok: true;
      readonly world: World;
      readonly target: number;
      readonly unwinding: Unwinding | null;
    }
  | { readonly ok: false; readonly reason: string };

/** Runs the program to the first instruction after the target's begin mark; `unwind`: see Unwinding. */
export function openWorld(subject: Subject, unwind: boolean): OpenWorld {
  if (subject.own !== undefined) {
    const opened = openOwnWorld(subject, subject.own);
    if (opened.ok) opened.world.kernel.history.push(ownMark(opened.target, mark.windowBegin));
    return opened.ok ? { ...opened, unwinding: null } : opened;
  }
  const { program, vdso, overlay } = subject;
  const created = createWorld({
    program,
    vdso,
    overlay,
    args: subject.handler === null ? [subject.scenario.id] : [subject.scenario.id, subject.handler],
    proposals: subject.design.kernel ?? null,
  });
  if (!created.ok) return { ok: false, reason: created.error.message };
  const { world } = created;
  const begun = () => findMark(world.history, mark.windowBegin)?.tid;
  const stands = () => world.current.tid === begun() && world.current.phase.kind === 'user';
  const births = unwind ? new Births(world) : null;
  const ending = world.run(() => {
    births?.look();
    return stands();
  });
  const target = begun();
  if (ending === null && target !== undefined)
    return { ok: true, world, target, unwinding: births?.retrace(subject, target, stands) ?? null };
  world.close();
  return { ok: false, reason: `${subject.scenario.id} did not reach its window: ${endingText(ending)}` };
}
