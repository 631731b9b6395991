// Signals from outside of the program.
import { SI_TKILL, signals } from '../kernel/abi/signals.js';
import { killInfo } from '../kernel/siginfo.js';
import { sendToThread } from '../kernel/signal/send.js';
import type { World } from './world.js';

/** SIGUSR1, or another signal, to one thread, as tgkill from another thread of its process. */
export function postApplicationSignal(
  world: World,
  tid: number,
  pid: number,
  sig: number = signals.SIGUSR1,
): void {
  sendToThread(world.kernel, pid, tid, killInfo(sig, SI_TKILL, pid));
}
