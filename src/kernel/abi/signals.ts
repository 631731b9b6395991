/** Signal numbers, actions and flags of i386 Linux (asm/signal.h, asm-generic/siginfo.h, signal(7)). */
export const signals = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

/** First real-time signal of the kernel; both C libraries keep the first few for themselves. */
export const SIGRTMIN = 32;
export const SIGNAL_COUNT = 64;

const names = new Map<number, string>(Object.entries(signals).map(([name, value]) => [value, name]));

/** `SIGUSR1`, or `SIGRT_1` for 33 as strace writes it. */
export function signalName(sig: number): string {
  return names.get(sig) ?? (sig >= SIGRTMIN && sig <= SIGNAL_COUNT ? `SIGRT_${sig - SIGRTMIN}` : `SIG${sig}`);
}

export type DefaultAction = 'terminate' | 'ignore' | 'stop' | 'continue';

/** What SIG_DFL does (signal(7)); a core dump ends the process like any other termination here. */
export function defaultAction(sig: number): DefaultAction {
  switch (sig) {
    case signals.SIGCHLD:
    case signals.SIGURG:
    case signals.SIGWINCH:
      return 'ignore';
    case signals.SIGCONT:
      return 'continue';
    case signals.SIGSTOP:
    case signals.SIGTSTP:
    case signals.SIGTTIN:
    case signals.SIGTTOU:
      return 'stop';
    default:
      return 'terminate';
  }
}

export const SIG_DFL = 0;
export const SIG_IGN = 1;

export const SA_NOCLDSTOP = 0x1;
export const SA_SIGINFO = 0x4;
export const SA_RESTORER = 0x04000000;
export const SA_ONSTACK = 0x08000000;
export const SA_RESTART = 0x10000000;
export const SA_NODEFER = 0x40000000;
export const SA_RESETHAND = 0x80000000;
/** Flags that sigaction keeps; it clears the others so that programs can probe for new ones (UAPI_SA_FLAGS). */
export const SA_KNOWN = 0xd0000807 | SA_RESTORER | SA_ONSTACK;

export const SS_ONSTACK = 1;
export const SS_DISABLE = 2;
export const SS_AUTODISARM = 0x80000000;
export const MINSIGSTKSZ = 2048;

export const SI_USER = 0;
export const SI_KERNEL = 0x80;
export const SI_QUEUE = -1;
export const SI_TIMER = -2;
export const SI_TKILL = -6;
