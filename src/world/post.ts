// Signals from outside of the program.
import { SI_TKILL, signals } from '../kernel/abi/signals.js';
import { killInfo } from '../kernel/siginfo.js';
import { sendToThread } from '../kernel/signal/send.js';
import type { World } from './world.js';

/** SIGUSR1 to one thread, as tgkill from another thread of its process. */
export function postApplicationSignal(world: World, tid: number, pid: number): void {
  sendToThread(world.kernel, pid, tid, killInfo(signals.SIGUSR1, SI_TKILL, pid));
}
