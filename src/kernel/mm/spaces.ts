import type { Kernel } from '../kernel.js';
import { saveShared, showShared } from './shared.js';
import type { Mm } from './types.js';

/**
 * Address spaces: the machine has one loaded at a time. What is mapped shared goes from one to the next through the file
 * object behind it.
 */

/** The id of an address space that no process has had. */
export function newSpace(kernel: Kernel): number {
  return 1 + Math.max(...kernel.state.processes.map(({ mm }) => mm.id));
}

/** From the loaded address space to another. The one that is left is forgotten when nobody will come back to it. */
export function enterSpace(kernel: Kernel, from: Mm, to: Mm): void {
  if (from.id === to.id) return;
  saveShared(kernel, from);
  kernel.machine.enterSpace(to.id);
  dropUnused(kernel, from);
  showShared(kernel, to);
}

/** Forgets an address space that is not loaded, unless it is that of a living process. */
export function dropUnused(kernel: Kernel, mm: Mm): void {
  const used = kernel.state.processes.some((process) => process.exit === null && process.mm.id === mm.id);
  if (!used) kernel.machine.dropSpace(mm.id);
}
