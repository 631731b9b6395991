// How much of its stack a thread has used since its window began: what lies below the stack pointer again is dead. SOURCE:
// System V i386 ABI, "The Stack Frame": nothing is kept below ESP.
import type { Task } from '../kernel/state.js';

/** A part of a thread's stack, around where its window began, that is surely no other's. */
const STACK_BYTES = 0x4000;

/** The stack pointer at the window's begin, and the lowest one seen since; u32. */
export interface StackUse {
  readonly top: number;
  deepest: number;
}

/** On the stack on which the window began: not far away, and not on the other side of sigaltstack's borders. */
function isOn({ altStack: { sp, size } }: Task, top: number, esp: number): boolean {
  const isAlternate = (at: number) => at > sp && at - sp <= size;
  return Math.abs(top - esp) < STACK_BYTES && isAlternate(esp) === isAlternate(top);
}

export function noteDepth(use: StackUse, task: Task, esp: number): void {
  if (esp < use.deepest && isOn(task, use.top, esp)) use.deepest = esp;
}

/** Memory below `esp` that was used: no program may count on what is in it. */
export function deadStack(
  { top, deepest }: StackUse,
  task: Task,
  esp: number,
): { readonly from: number; readonly length: number } | null {
  return deepest < esp && isOn(task, top, esp) ? { from: deepest, length: esp - deepest } : null;
}
