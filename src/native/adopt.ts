/**
 * Numbers that only the real kernel can choose: ids of threads, processes and System V objects. Where both have made one, the
 * model's gets the real one's, so that whatever is done with it agrees again. System V objects outlive their process, so
 * they are remembered and removed with it.
 */
import type { World } from '../world/world.js';
import { libc } from './libc.js';
import type { Pair } from './pair.js';

const NR_FORK = 2;
const NR_CLONE = 120;
const NR_SEMGET = 393;
const NR_MSGGET = 399;

/** Of x86-64, where this process runs. */
const NR_SEMCTL_64 = 66;
const NR_MSGCTL_64 = 71;
const IPC_RMID = 0;

export interface Leftover {
  readonly nr: number;
  readonly id: number;
}

/** Whether the call that is about to return made something with a number of the kernel's choice. */
export function makesId({ current, cpu }: World): boolean {
  return [NR_FORK, NR_CLONE, NR_SEMGET, NR_MSGGET].includes(current.origEax) && (cpu.get('eax') | 0) >= 0;
}

/** At the end of such a call; `eax` is the real one. Returns what the real process has made that must be removed. */
export function adoptId({ world }: Pair, eax: number): Leftover | null {
  if ((eax | 0) < 0) return null;
  const nr = world.current.origEax;
  const mine = world.cpu.get('eax');
  if (nr === NR_FORK || nr === NR_CLONE) {
    renameTask(world, mine, eax);
    return null;
  }
  renameIpc(world, mine, eax);
  return { nr, id: eax };
}

/** A thread's own id, or that of a process and its first thread. */
function renameTask(world: World, from: number, to: number): void {
  const snapshot = world.snapshot();
  const renamed = (id: number): number => (id === from ? to : id);
  const { tasks, processes } = snapshot.state;
  const state = {
    ...snapshot.state,
    tasks: tasks.map((task) => ({ ...task, tid: renamed(task.tid), pid: renamed(task.pid) })),
    processes: processes.map((process) => ({ ...process, pid: renamed(process.pid) })),
  };
  const contexts = new Map([...snapshot.contexts].map(([tid, context]) => [renamed(tid), context]));
  world.restore({ ...snapshot, contexts, state });
  world.discard(snapshot);
  world.cpu.set('eax', to);
}

function renameIpc({ kernel, cpu }: World, from: number, to: number): void {
  kernel.state.ipc = kernel.state.ipc.map((object) => (object.id === from ? { ...object, id: to } : object));
  cpu.set('eax', to);
}

/** Nothing happens where the process has removed it itself. */
export function removeLeftovers(leftovers: readonly Leftover[]): void {
  for (const { nr, id } of leftovers) {
    if (nr === NR_SEMGET) libc().syscall3(NR_SEMCTL_64, id, 0, IPC_RMID);
    else libc().syscall3(NR_MSGCTL_64, id, IPC_RMID, 0);
  }
}
