/** The same signal for both, as from this process: tgkill to the thread or kill to the process. */
import { killInfo } from '../kernel/siginfo.js';
import { sendToProcess, sendToThread } from '../kernel/signal/send.js';
import type { Pair } from './pair.js';
import type { Post } from './points.js';

const SI_USER = 0;
const SI_TKILL = -6;

export function postTo({ world, tracee }: Pair, { sig, to }: Post): void {
  const { kernel, current } = world;
  const { uid } = kernel.config.user;
  if (to === 'thread') {
    tracee.post(sig);
    sendToThread(kernel, 0, current.tid, killInfo(sig, SI_TKILL, process.pid, uid));
  } else {
    tracee.postToProcess(sig);
    sendToProcess(kernel, 0, current.pid, killInfo(sig, SI_USER, process.pid, uid));
  }
}
