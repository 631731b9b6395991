import type { Design, PointSymbols } from './types.js';

/** musl: src/thread/i386/syscall_cp.s, src/thread/pthread_cancel.c; SIGCANCEL is 33. */
const MUSL: PointSymbols = { enter: '__syscall_cp_asm', act: ['__cancel'], signal: 33 };

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
];

/** A control breaks one rule on purpose: it proves that the rule can fail. */
export interface Control extends Design {
  /** The rule it breaks, and on which scenario. */
  readonly breaks: { readonly rule: string; readonly scenario: string };
}

function control(id: string, rule: string, scenario: string, title: string): Control {
  const folder = `asm/controls/${id}`;
  return { id, title, libc: { name: 'musl' }, folder, symbols: MUSL, breaks: { rule, scenario } };
}

export const CONTROLS: readonly Control[] = [
  control(
    'no-check',
    'no-lost-cancel',
    'read-empty',
    'the point does not look at the cancel word before the call',
  ),
  control(
    'late-range',
    'no-lost-effect',
    'read-data',
    'the handler’s range reaches past the trap instruction',
  ),
  control('late-abort', 'no-phantom-effect', 'read-data', 'a completed call is reported as -EINTR'),
  control('wrong-result', 'act-once', 'read-empty', 'the cancelled thread ends with another result'),
  control('unmasked', 'no-recursion', 'read-data', 'the handler raises the signal again without masking it'),
  control('lost-ebx', 'registers', 'read-data', 'the point does not restore ebx'),
  control('bad-stack', 'no-fault', 'read-empty', 'the cancel path leaves the stack unbalanced'),
  control('endless', 'bounded', 'read-empty', 'the point makes the call again whenever it is interrupted'),
];

export function findDesign(id: string): Design | undefined {
  return [...DESIGNS, ...CONTROLS].find((design) => design.id === id);
}
