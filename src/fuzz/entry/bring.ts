// What comes from outside in a case: signals, and bytes in the stage's pipe, which read, poll and ppoll look at.
import type { Kernel } from '../../kernel/kernel.js';
import { killInfo, rawInfo, SIGINFO_SIZE, type SigInfo } from '../../kernel/siginfo.js';
import { sendToProcess, sendToThread } from '../../kernel/signal/send.js';
import { wakeSleepers } from '../../kernel/wake.js';
import type { World } from '../../world/world.js';
import type { Deed } from './case.js';

export const FILLING = 7;

export function bring({ kernel, current: task }: World, deed: Deed): void {
  if (deed.kind === 'data') {
    fillPipe(kernel, deed.bytes);
    return;
  }
  const info =
    deed.given.length === 0 ? killInfo(deed.sig, deed.code, 1) : queuedInfo(deed.code, deed.sig, deed.given);
  if (deed.to === 'thread') sendToThread(kernel, 1, task.tid, info);
  else sendToProcess(kernel, 1, task.pid, info);
}

/** As rt_sigqueueinfo is given it: si_signo is the kernel's, then si_errno, si_code and the union. */
function queuedInfo(code: number, sig: number, [errno = 0, ...union]: readonly number[]): SigInfo {
  const bytes = new Uint8Array(SIGINFO_SIZE);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of [sig, errno, code, ...union].entries()) view.setUint32(4 * i, word >>> 0, true);
  return rawInfo(sig, bytes);
}

export function fillPipe(kernel: Kernel, bytes: number): void {
  const pipe = kernel.state.objects.find(({ kind }) => kind === 'pipe');
  if (pipe?.kind !== 'pipe') return;
  pipe.buffers = [...pipe.buffers, { bytes: new Uint8Array(bytes).fill(FILLING), from: 0 }];
  wakeSleepers(kernel);
}
