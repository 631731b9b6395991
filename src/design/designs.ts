import { stickyDesign } from './sticky.js';
import type { Design, PointSymbols } from './types.js';

/** musl: src/thread/i386/syscall_cp.s, src/thread/pthread_cancel.c; SIGCANCEL is 33. */
const MUSL: PointSymbols = { enter: '__syscall_cp_asm', act: ['__cancel', '__pthread_exit'], signal: 33 };

/** glibc before 2.41: nptl/cancellation.c, sysdeps/unix/sysv/linux/single-thread.h; SIGCANCEL is 32. */
const GLIBC_ASYNC: PointSymbols = { enter: null, act: ['__pthread_unwind'], signal: 32 };

/** glibc from 2.41 on: sysdeps/unix/sysv/linux/i386/syscall_cancel.S, nptl/cancellation.c. */
const GLIBC_ARCH: PointSymbols = {
  enter: '__syscall_cancel_arch',
  act: ['__syscall_do_cancel', '__pthread_unwind'],
  signal: 32,
};

export const DESIGNS: readonly Design[] = [
  {
    id: 'pc-check',
    title: "musl's own code: the handler compares EIP with a range around an inline int $0x80",
    libc: { name: 'musl' },
    folder: null,
    symbols: MUSL,
  },
  {
    id: 'async-window',
    title: "glibc's own code before 2.41: asynchronous cancellation around the call",
    libc: { name: 'glibc', before: '2.41' },
    folder: null,
    symbols: GLIBC_ASYNC,
  },
  {
    id: 'pc-check-glibc',
    title: "glibc's own code from 2.41 on: the handler compares EIP with a range, as musl's",
    libc: { name: 'glibc', from: '2.41' },
    folder: null,
    symbols: GLIBC_ARCH,
  },
  {
    id: 'naive-vdso',
    title: "musl's point with call *%gs:16 in place of int $0x80, handler unchanged",
    libc: { name: 'musl' },
    folder: 'asm/designs/naive-vdso',
    symbols: MUSL,
  },
  {
    id: 'unwind',
    title: 'call *%gs:16; the handler unwinds the vDSO frame, and reads code to find the trap still ahead',
    libc: { name: 'musl' },
    folder: 'asm/designs/unwind',
    symbols: MUSL,
  },
  {
    id: 'unwind-cfi',
    title: 'the same with nothing but the frame description: who has called the vDSO, not how far it is',
    libc: { name: 'musl' },
    folder: 'asm/designs/unwind',
    defines: ['CFI_ONLY'],
    symbols: MUSL,
  },
  {
    id: 'vdso-helpers',
    title: 'call *%gs:16; the vDSO tells whether a call is pending, and aborts it with -EINTR',
    libc: { name: 'musl' },
    folder: 'asm/designs/vdso-helpers',
    vdsoHelpers: { source: 'asm/designs/vdso-helpers/helpers.S', labels: 'decoded' },
    symbols: MUSL,
  },
  {
    id: 'vdso-helpers-2016',
    title:
      "the same with the RFC's own idea of the entry: three pushes first, the landing pad behind int $0x80",
    libc: { name: 'musl' },
    folder: 'asm/designs/vdso-helpers',
    vdsoHelpers: { source: 'asm/designs/vdso-helpers/helpers.S', labels: '2016' },
    symbols: MUSL,
  },
  {
    id: 'vdso-helpers-label',
    title: 'the same with today’s labels; the handler sends the aborted call to the cancel label',
    libc: { name: 'musl' },
    folder: 'asm/designs/vdso-helpers',
    defines: ['TO_LABEL'],
    vdsoHelpers: { source: 'asm/designs/vdso-helpers/helpers.S', labels: 'decoded' },
    symbols: MUSL,
  },
  {
    id: 'sticky-flag',
    title: 'a flag in the kernel; a bit of the call number makes that call -EINTR while it is set',
    libc: { name: 'musl' },
    folder: 'asm/designs/sticky-flag',
    symbols: MUSL,
    kernel: { kind: 'sticky-flag' },
  },
  ...['sticky-signal', 'sticky-working'].flatMap((id) => stickyDesign(id, MUSL) ?? []),
  {
    id: 'sync-signal',
    title: "the signal is delivered only at a call's entry and out of a blocked call; call *%gs:16",
    libc: { name: 'musl' },
    folder: 'asm/designs/sync-signal',
    symbols: MUSL,
    kernel: { kind: 'sync-signal' },
  },
  {
    id: 'fatal-like',
    title: "the signal ends uninterruptible sleeps too; call *%gs:16, musl's handler",
    libc: { name: 'musl' },
    folder: 'asm/designs/fatal-like',
    symbols: MUSL,
    kernel: { kind: 'fatal-like' },
  },
  {
    id: 'fatal-like-int80',
    title: "the same with musl's int $0x80",
    libc: { name: 'musl' },
    folder: 'asm/designs/fatal-like',
    defines: ['INLINE'],
    symbols: MUSL,
    kernel: { kind: 'fatal-like' },
  },
];

/** A control breaks one rule on purpose: it proves that the rule can fail. */
export interface Control extends Design {
  readonly breaks: Breaks;
}

/** The rule a control breaks, in which scenario; `also`: what cannot be kept when that rule is broken. */
export interface Breaks {
  readonly rule: string;
  readonly scenario: string;
  readonly also?: readonly string[];
}

function control(id: string, title: string, breaks: Breaks, folder = id): Control {
  return { id, title, libc: { name: 'musl' }, folder: `asm/controls/${folder}`, symbols: MUSL, breaks };
}

/** For each rule about every kernel, at least one, in the order of the rules; the designs with a kernel's proposal break theirs. */
export const CONTROLS: readonly Control[] = [
  control('no-check', 'the point does not look at the cancel word before the call', {
    rule: 'no-lost-cancel',
    scenario: 'read-empty',
  }),
  control('late-range', 'the handler’s range reaches past the trap instruction', {
    rule: 'no-lost-effect',
    scenario: 'read-data',
  }),
  control('late-eintr', 'a completed call is reported as -EINTR', {
    rule: 'no-phantom-effect',
    scenario: 'read-data',
    also: ['no-lost-effect', 'restart'],
  }),
  control('wrong-result', 'the cancelled thread ends with another result', {
    rule: 'act-once',
    scenario: 'read-empty',
  }),
  control('anywhere', 'the handler acts wherever it strikes', {
    rule: 'act-once',
    scenario: 'no-point',
    also: ['no-lost-effect'],
  }),
  control('nested', 'the handler unblocks its signal and raises it again while it runs', {
    rule: 'no-recursion',
    scenario: 'read-data',
  }),
  control('lost-ebx', 'the point does not restore ebx', { rule: 'registers', scenario: 'read-data' }),
  control('bad-stack', 'the cancel path pops one register too few and returns into it', {
    rule: 'no-fault',
    scenario: 'read-empty',
  }),
  control('unmasked', 'the handler raises its signal again without blocking it where it returns to', {
    rule: 'bounded',
    scenario: 'read-empty',
  }),
  control('no-restart', 'the cancel handler is installed without SA_RESTART', {
    rule: 'disabled-untouched',
    scenario: 'disabled',
    also: ['no-lost-effect'],
  }),
  control(
    'late-eintr-sleep',
    'a completed sleep is reported as -EINTR',
    { rule: 'restart', scenario: 'nanosleep' },
    'late-eintr',
  ),
];

/** Wrong only where the canceller is preempted in the middle of its request. */
export const PREEMPTION_CONTROLS: readonly Control[] = [
  control('late-word', 'pthread_cancel sends the signal before it sets the cancel word', {
    rule: 'no-lost-cancel',
    scenario: 'read-empty',
  }),
];

export function findDesign(id: string): Design | undefined {
  return (
    [...DESIGNS, ...CONTROLS, ...PREEMPTION_CONTROLS].find((design) => design.id === id) ??
    stickyDesign(id, MUSL)
  );
}
