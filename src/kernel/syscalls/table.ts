import { errno } from '../abi/errno.js';
import { done } from '../outcome.js';
import { proposedCallName } from '../proposals/abi.js';
import { childSyscalls } from './children.js';
import { connectionSyscalls } from './connections.js';
import { define, type Syscall } from './define.js';
import { eventSyscalls } from './events.js';
import { fileSyscalls } from './files.js';
import { futexSyscalls } from './futex.js';
import { groupSyscalls } from './groups.js';
import { ipcSyscalls } from './ipc.js';
import { lockSyscalls } from './locks.js';
import { memorySyscalls } from './memory.js';
import { pathSyscalls } from './paths.js';
import { pollSyscalls } from './poll.js';
import { positionSyscalls } from './position.js';
import { processSyscalls } from './process.js';
import { signalSyscalls } from './signals.js';
import { socketcallSyscalls } from './socketcall.js';
import { socketSyscalls } from './sockets.js';
import { syncSyscalls } from './sync.js';
import { timeSyscalls } from './time.js';
import { timerSyscalls } from './timers.js';
import { treeSyscalls } from './tree.js';

/** Every modelled call by its i386 number (arch/x86/entry/syscalls/syscall_32.tbl). */
const groups = [
  processSyscalls,
  childSyscalls,
  groupSyscalls,
  signalSyscalls,
  futexSyscalls,
  timeSyscalls,
  timerSyscalls,
  memorySyscalls,
  fileSyscalls,
  pathSyscalls,
  treeSyscalls,
  positionSyscalls,
  pollSyscalls,
  socketSyscalls,
  connectionSyscalls,
  socketcallSyscalls,
  lockSyscalls,
  ipcSyscalls,
  eventSyscalls,
  syncSyscalls,
];

/** Continues what the restart block says; after a sigreturn there is nothing to continue (do_no_restart_syscall). */
const restartSyscall = define(0, 'restart_syscall', [], (kernel, task, call) => {
  const block = task.restartBlock;
  if (block === null) return done(-errno.EINTR);
  const target = findSyscall(block.nr);
  if (target === undefined) throw new Error(`restart block of unknown call ${block.nr}`);
  return target.run(kernel, task, call.progress === null ? block : { ...block, progress: call.progress });
});

const byNumber: ReadonlyMap<number, Syscall> = new Map(
  [restartSyscall, ...groups.flat()].map((syscall) => [syscall.nr, syscall]),
);

export function findSyscall(nr: number): Syscall | undefined {
  return byNumber.get(nr);
}

/** Names of calls that are known but not modelled, so that a report can name them. */
const unmodelled: ReadonlyMap<number, string> = new Map([[384, 'arch_prctl']]);

export function syscallName(nr: number): string {
  return byNumber.get(nr)?.name ?? unmodelled.get(nr) ?? proposedCallName(nr) ?? 'unknown';
}
