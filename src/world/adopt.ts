// Registers of a task that a call has just made (arch/x86/kernel/process.c: copy_thread).
import type { Cpu } from '../cpu/index.js';
import { findTask, type Kernel } from '../kernel/kernel.js';
import type { Call, Task } from '../kernel/state.js';
import { loadTls } from '../kernel/task/tls.js';
import type { Contexts } from './contexts.js';

const NR_CLONE = 120;

/** New tasks start with their parent's registers, EAX = 0, their own TLS and, after clone, their own stack. */
export function adoptChild(kernel: Kernel, cpu: Cpu, contexts: Contexts, parent: Task, call: Call): void {
  // The last event is the call's return, or its sleep until a vforked child is done.
  const spawn = kernel.history.at(-2);
  if (spawn?.kind !== 'spawn') return;
  const child = findTask(kernel, spawn.child);
  if (child === undefined || contexts.get(child.tid) !== undefined) return;
  const own = cpu.newContext();
  const [, stack] = call.args;
  cpu.set('eax', 0);
  if (call.nr === NR_CLONE && stack !== 0) cpu.set('esp', stack);
  loadTls(kernel, child);
  cpu.setSegment('gs', cpu.getSegment('gs'));
  contexts.store(child.tid, cpu);
  cpu.loadContext(own);
  loadTls(kernel, parent);
}
