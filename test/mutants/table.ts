// Models broken in one place each: a module of the kernel, and what is put in the place of one of its exports.
import type * as signals from '../../src/kernel/abi/signals.js';
import type * as leave from '../../src/kernel/entry/leave.js';
import type * as restart from '../../src/kernel/entry/restart.js';
import type * as socket from '../../src/kernel/fs/socket.js';
import type * as hooks from '../../src/kernel/proposals/hooks.js';
import type * as siginfo from '../../src/kernel/siginfo.js';
import type * as badReturn from '../../src/kernel/signal/bad-return.js';
import type * as fpstate from '../../src/kernel/signal/fpstate.js';
import type * as layout from '../../src/kernel/signal/layout.js';
import type * as pending from '../../src/kernel/signal/pending.js';
import { lowest, members, without } from '../../src/kernel/sigset.js';
import type { ProgramName } from '../conformance/setup.js';

export interface Mutant {
  readonly what: string;
  /** As seen from this folder. */
  readonly module: string;
  /** Where it has to show. */
  readonly program: ProgramName;
  readonly only: string;
  /** 40 when absent. */
  readonly stride?: number;
  readonly breakIt: (original: unknown) => object;
}

/** Types the module for the one function that breaks it. */
function mutant<T extends object>(
  what: string,
  module: string,
  [program, only]: readonly [ProgramName, string],
  change: (original: T) => Partial<T>,
): Mutant {
  return {
    what,
    module: `../../src/kernel/${module}.js`,
    program,
    only,
    breakIt: (original) => ({ ...(original as T), ...change(original as T) }),
  };
}

const READ = ['restart', 'read'] as const;

export const MUTANTS: readonly Mutant[] = [
  mutant<typeof layout>(
    'a frame with ecx and edx swapped',
    'signal/layout',
    ['frame', 'plain'],
    ({ sigcontext }) => ({
      sigcontext: { ...sigcontext, ecx: sigcontext.edx, edx: sigcontext.ecx },
    }),
  ),
  mutant<typeof pending>(
    'a handler that runs without its mask',
    'signal/pending',
    ['frame', 'masked'],
    (original) => ({
      setBlocked: (kernel, task, mask) =>
        original.setBlocked(kernel, task, lowest(mask) === 0 ? mask : task.blocked),
    }),
  ),
  mutant<typeof restart>('SA_RESTART ignored', 'entry/restart', READ, (original) => ({
    restartForHandler: (kernel, task) => original.restartForHandler(kernel, task, 0),
  })),
  mutant<typeof restart>('a restart that leaves EIP behind the trap', 'entry/restart', READ, (original) => ({
    restartWithoutHandler: (kernel, task) => {
      const before = kernel.machine.get('eip');
      original.restartWithoutHandler(kernel, task);
      kernel.machine.set('eip', before);
    },
  })),
  mutant<typeof pending>(
    'the highest signal delivered first',
    'signal/pending',
    ['order', 'self'],
    (original) => ({
      dequeueSignal: (kernel, task, blocked) => {
        const sig = members(without(task.pending.set, blocked)).at(-1);
        if (sig === undefined) return original.dequeueSignal(kernel, task, blocked);
        const info = original.take(task.pending, sig);
        original.recalcSignalPending(kernel, task);
        return info;
      },
    }),
  ),
  mutant<typeof pending>('a standard signal queued twice', 'signal/pending', ['order', 'blocked'], () => ({
    enqueue: (queue, info) => {
      queue.infos = [...queue.infos, info];
      const bit = info.signo <= 32 ? 1 << (info.signo - 1) : 0;
      const high = info.signo > 32 ? 1 << (info.signo - 33) : 0;
      queue.set = { low: (queue.set.low | bit) >>> 0, high: (queue.set.high | high) >>> 0 };
      return true;
    },
  })),
  mutant<typeof fpstate>('a frame 64 bytes too low', 'signal/fpstate', ['frame', 'plain'], (original) => ({
    allocateFpstate: (kernel, sp) => original.allocateFpstate(kernel, sp) - 64,
  })),
  mutant<typeof fpstate>('sigreturn without the FPU', 'signal/fpstate', ['frame', 'info'], () => ({
    restoreFpstate: () => true,
  })),
  mutant<typeof signals>('SA_NODEFER ignored', 'abi/signals', ['frame', 'nodefer'], () => ({
    SA_NODEFER: 0 as typeof signals.SA_NODEFER,
  })),
  mutant<typeof signals>('SA_RESETHAND ignored', 'abi/signals', ['frame', 'reset'], () => ({
    SA_RESETHAND: 0 as typeof signals.SA_RESETHAND,
  })),
  mutant<typeof signals>('SA_ONSTACK ignored', 'abi/signals', ['frame', 'onstack'], () => ({
    SA_ONSTACK: 0 as typeof signals.SA_ONSTACK,
  })),
  mutant<typeof siginfo>('a siginfo without its code', 'siginfo', ['frame', 'info'], (original) => ({
    killInfo: (sig, _code, pid) => original.killInfo(sig, 0, pid),
  })),
  {
    ...mutant<typeof hooks>('clone with a signal pending', 'proposals/hooks', ['clone', 'thread n'], () => ({
      stopsClone: () => false,
    })),
    stride: 100,
  },
  {
    ...mutant<typeof socket>(
      'a call with a timeout that begins again',
      'fs/socket',
      ['sockets', 'Accept r'],
      ({ socketSleep }) => ({ socketSleep: (t, until) => socketSleep(t, until, null) }),
    ),
    stride: 100,
  },
  {
    ...mutant<typeof badReturn>(
      'a return to a bad CS that goes on',
      'signal/bad-return',
      ['edit', 'Cs-data'],
      () => ({ faultAtReturn: () => false }),
    ),
    stride: 100,
  },
  {
    ...mutant<typeof pending>(
      'a SIGCONT that leaves the stops',
      'signal/pending',
      ['order', 'continue'],
      () => ({
        flush: () => undefined,
      }),
    ),
    stride: 400,
  },
  {
    ...mutant<typeof leave>('a fast return that keeps ecx', 'entry/leave', ['entry', 'own'], (original) => ({
      leaveKernel: (kernel, task, form) =>
        original.leaveKernel({ ...kernel, config: { ...kernel.config, ptrace: 'stepped' } }, task, form),
    })),
    stride: 3,
  },
];
