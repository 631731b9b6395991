/**
 * What of Linux's behaviour is compared, a row a statement, and by which cases of which programs (fixtures/programs/points);
 * or why not. The statements are those of kernel/signal.c, arch/x86/kernel/signal.c, arch/x86/entry and signal(7).
 * test/native/coverage.test.ts holds that the cases exist, that none is left out, and that calls return the codes named here.
 */
import type { RestartName } from '../kernel/abi/errno.js';

export interface CoverageRow {
  readonly what: string;
  /** `PROGRAM ARGUMENTS`, where further arguments may follow. */
  readonly cases: readonly string[];
  /** Why it is not compared, where no case does. */
  readonly without?: string;
  /** Of a call that waits: what a signal makes it return, 'EINTR' for never a restart. */
  readonly code?: RestartName | 'EINTR';
}

export interface CoverageSection {
  readonly title: string;
  readonly rows: readonly CoverageRow[];
}

const row = (what: string, ...cases: readonly string[]): CoverageRow => ({ what, cases });
const without = (what: string, reason: string): CoverageRow => ({ what, cases: [], without: reason });

function waits(code: RestartName | 'EINTR', calls: Readonly<Record<string, string | readonly string[]>>) {
  return Object.entries(calls).map(
    ([what, cases]): CoverageRow => ({ what, cases: typeof cases === 'string' ? [cases] : cases, code }),
  );
}

const PENDING: readonly CoverageRow[] = [
  row('synchronous faults first, then the lowest number', 'fault read', 'fault onstack', 'order free'),
  row('of one number the thread’s queue before the process’s', 'order free', 'order blocked'),
  row('a standard signal is pending once, a real-time one as often as sent', 'order blocked', 'order free'),
  row('several frames at one exit; the last one built runs first', 'order free', 'order mask', 'frame info'),
  row('handlers whose mask blocks everything else', 'order mask', 'frame masked'),
  row('a mask change that unblocks; sigpending before it', 'order blocked'),
  row('a sigreturn that unblocks: delivered at that exit', 'order mask', 'edit mask', 'masks Sigsuspend'),
  row('a signal that is ignored, or whose default is to do nothing', 'order ignored', 'fault default'),
  row('default actions that end the process', 'fault default'),
  row('a signal that a process sends itself', 'order self'),
  row('a call that can complete does, with a signal pending since before', 'restart Zero-read', 'order free'),
  row(
    'temporary masks: what runs with them, what the frame saves, what comes back',
    ...['masks Sigsuspend', 'masks ppoll', 'masks Qppoll-ready', 'masks select', 'masks epoll'],
  ),
  row(
    'rt_sigtimedwait takes a blocked signal, and is ended by others',
    'masks timedwait',
    'restart timedwait',
  ),
  row('SIGCONT takes back pending stop signals, and they it', 'order continue'),
  without(
    'a process that is stopped and continued',
    'not modelled: a run in which one stops is inconclusive',
  ),
  without('which of several threads takes a process’s signal', 'exact points need one thread (test/kernel)'),
];

const RESTART: readonly CoverageRow[] = [
  ...waits('ERESTARTSYS', {
    'read of an empty pipe, int $0x80 and AT_SYSINFO': ['restart read', 'restart vread'],
    'write to a full pipe': 'restart Write',
    'read of an eventfd': 'restart eventfd',
    'recv, send, accept, connect': [
      ...['restart socket', 'sockets send', 'sockets accept', 'sockets connect'],
    ],
    'futex wait without a timeout': 'restart futex',
    'wait4, waitid': ['children wait4', 'children id'],
    flock: 'locks flock',
    'fcntl F_SETLKW, F_SETLKW64, F_OFD_SETLKW': ['locks setlkw', 'locks wide', 'locks open-file'],
  }),
  without(
    'open of a FIFO, read and write of a terminal',
    'not modelled: mknod and terminals are inconclusive',
  ),
  ...waits('ERESTARTNOHAND', {
    pause: 'restart zpause',
    rt_sigsuspend: 'restart Asuspend',
    'select, pselect6': ['restart Select', 'restart qselect'],
    ppoll: 'restart Ppoll',
    'clock_nanosleep to a time': 'restart clock',
    'msgsnd, msgrcv': ['queues msgsnd', 'queues receive'],
  }),
  ...waits('ERESTART_RESTARTBLOCK', {
    'nanosleep, clock_nanosleep for a while': ['restart nanosleep', 'restart k-relative'],
    poll: 'restart poll',
    'futex wait with a timeout': 'restart Futex-timeout',
  }),
  ...waits('ERESTARTNOINTR', {
    'clone and fork with a signal pending': ['clone thread', 'clone bad-tls', 'children fork'],
    'futex lock_pi': ['owner lock', 'owner vlock'],
  }),
  ...waits('EINTR', {
    epoll_wait: 'restart xepoll',
    semop: 'queues semop',
    rt_sigtimedwait: 'restart timedwait',
    'accept, connect, send, recv of a socket with SO_RCVTIMEO or SO_SNDTIMEO': [
      ...['sockets Accept', 'sockets Connect', 'sockets Send', 'sockets Receive'],
    ],
  }),
  row('such a timeout that is over', 'sockets xpired'),
  row(
    'a handler just before the call begins again, which is restart_syscall after ERESTART_RESTARTBLOCK',
    ...[
      'restart nanosleep i',
      'restart poll i',
      'restart Futex-timeout i',
      'restart read i',
      'locks flock i',
    ],
  ),
  without('close with -EINTR', 'only network file systems and some drivers wait there'),
];

const ENTRY: readonly CoverageRow[] = [
  row('int $0x80: arguments, return, sixth argument', 'entry int80'),
  row(
    'AT_SYSINFO with this CPU’s fast instruction; restart by the int $0x80 before the landing pad',
    'entry vdso',
    'restart vread',
    'owner vlock',
  ),
  row('the fast instruction outside the vDSO: on at the landing pad', 'entry own'),
  row(
    'a sixth argument that cannot be read; a stack that nothing is mapped at',
    'entry vdso',
    'entry bad-stack',
  ),
  row('ECX after a fast return, and after one with a signal', 'entry own', 'entry vdso', 'entry int80'),
  row('NT, AC and DF set by the program, through both ways', 'entry flags'),
  row('TF set by the program, through both ways', 'entry trap'),
  without('sysenter', 'this CPU has it not in compatibility mode (AMD); on Intel AT_SYSINFO is this row'),
];

const FRAME: readonly CoverageRow[] = [
  row('struct sigframe (no SA_SIGINFO), struct rt_sigframe (SA_SIGINFO)', 'frame plain', 'frame info'),
  row(
    'SA_ONSTACK, already on it, and frames upon frames until it is full',
    'frame onstack',
    'stack alt-full',
    'stack low',
  ),
  row('SA_NODEFER; SA_RESETHAND; sa_mask', 'frame nodefer', 'frame reset', 'frame masked'),
  row('SA_RESTORER, and the vDSO’s return code without it', 'frame xrestorer', 'frame plain', 'frame info'),
  row(
    'a stack that cannot be written: nothing there, read-only, its edge',
    'stack nowhere',
    'stack readonly',
    'stack edge',
  ),
  row('x87 and SSE registers through a handler that changes them', 'frame plain', 'frame info', 'edit xmm'),
  row(
    'faults: siginfo, trapno, err, cr2',
    'fault read',
    'fault write',
    'fault Divide',
    'fault ud2',
    'fault int3',
    'fault hlt',
    'fault jump',
  ),
  row('a fault that is blocked or ignored ends the process', 'fault blocked', 'fault ignored'),
  row('sigreturn with another EIP, ESP, EFLAGS', 'edit eip', 'edit esp-bad', 'edit flags'),
  row('sigreturn with another FS and GS, loadable and not', 'edit Segments', 'edit gs-bad'),
  row(
    'sigreturn with a CS or SS that cannot be loaded',
    'edit Cs-data',
    'edit cs-null',
    'edit Wrong-ss',
    'edit Null-ss',
  ),
  row('sigreturn with another mask, another alternate stack', 'edit mask', 'edit stack'),
  row(
    'sigreturn without an FPU state, with a bad pointer to it, with a bad MXCSR',
    'edit nofpu',
    'edit pointer-bad',
    'edit Mxcsr-bad',
  ),
  without('sigreturn to 64-bit code', 'not modelled: inconclusive'),
];

export const COVERAGE: readonly CoverageSection[] = [
  { title: 'Pending, blocked, delivered', rows: PENDING },
  {
    title: 'Restart: handler with and without SA_RESTART, none, two frames at one exit',
    rows: RESTART,
  },
  { title: 'Entering and leaving the kernel', rows: ENTRY },
  { title: 'Frames and sigreturn', rows: FRAME },
];
