import type { ArgumentType } from '../../kernel/syscalls/define.js';

/** Names of the bits and values of arguments, as strace writes them (open(2), mmap(2), clone(2), futex(2), fcntl(2)). */
type Names = readonly (readonly [value: number, name: string])[];

const OPEN: Names = [
  [0o100, 'O_CREAT'],
  [0o200, 'O_EXCL'],
  [0o400, 'O_NOCTTY'],
  [0o1000, 'O_TRUNC'],
  [0o2000, 'O_APPEND'],
  [0o4000, 'O_NONBLOCK'],
  [0o100000, 'O_LARGEFILE'],
  [0o200000, 'O_DIRECTORY'],
  [0o400000, 'O_NOFOLLOW'],
  [0o2000000, 'O_CLOEXEC'],
  [0o10000000, 'O_PATH'],
];

const PROTECTION: Names = [
  [1, 'PROT_READ'],
  [2, 'PROT_WRITE'],
  [4, 'PROT_EXEC'],
  [0x01000000, 'PROT_GROWSDOWN'],
  [0x02000000, 'PROT_GROWSUP'],
];

const MAP: Names = [
  [1, 'MAP_SHARED'],
  [2, 'MAP_PRIVATE'],
  [0x10, 'MAP_FIXED'],
  [0x20, 'MAP_ANONYMOUS'],
  [0x100, 'MAP_GROWSDOWN'],
  [0x4000, 'MAP_NORESERVE'],
  [0x8000, 'MAP_POPULATE'],
  [0x20000, 'MAP_STACK'],
  [0x100000, 'MAP_FIXED_NOREPLACE'],
];

const CLONE: Names = [
  [0x100, 'CLONE_VM'],
  [0x200, 'CLONE_FS'],
  [0x400, 'CLONE_FILES'],
  [0x800, 'CLONE_SIGHAND'],
  [0x4000, 'CLONE_VFORK'],
  [0x10000, 'CLONE_THREAD'],
  [0x40000, 'CLONE_SYSVSEM'],
  [0x80000, 'CLONE_SETTLS'],
  [0x100000, 'CLONE_PARENT_SETTID'],
  [0x200000, 'CLONE_CHILD_CLEARTID'],
  [0x400000, 'CLONE_DETACHED'],
  [0x1000000, 'CLONE_CHILD_SETTID'],
];

export const SIGACTION_FLAGS: Names = [
  [0x1, 'SA_NOCLDSTOP'],
  [0x2, 'SA_NOCLDWAIT'],
  [0x4, 'SA_SIGINFO'],
  [0x04000000, 'SA_RESTORER'],
  [0x08000000, 'SA_ONSTACK'],
  [0x10000000, 'SA_RESTART'],
  [0x40000000, 'SA_NODEFER'],
  [0x80000000, 'SA_RESETHAND'],
];

export const POLL_EVENTS: Names = [
  [0x1, 'POLLIN'],
  [0x2, 'POLLPRI'],
  [0x4, 'POLLOUT'],
  [0x8, 'POLLERR'],
  [0x10, 'POLLHUP'],
  [0x20, 'POLLNVAL'],
  [0x40, 'POLLRDNORM'],
  [0x100, 'POLLWRNORM'],
  [0x2000, 'POLLRDHUP'],
];

const FUTEX = [
  ...['WAIT', 'WAKE', 'FD', 'REQUEUE', 'CMP_REQUEUE', 'WAKE_OP', 'LOCK_PI'],
  ...['UNLOCK_PI', 'TRYLOCK_PI', 'WAIT_BITSET', 'WAKE_BITSET', 'WAIT_REQUEUE_PI', 'CMP_REQUEUE_PI'],
];

const VALUES: Readonly<Partial<Record<ArgumentType, readonly string[]>>> = {
  'sig-how': ['SIG_BLOCK', 'SIG_UNBLOCK', 'SIG_SETMASK'],
  whence: ['SEEK_SET', 'SEEK_CUR', 'SEEK_END'],
  clock: ['CLOCK_REALTIME', 'CLOCK_MONOTONIC', 'CLOCK_PROCESS_CPUTIME_ID', 'CLOCK_THREAD_CPUTIME_ID'],
  'fcntl-command': ['F_DUPFD', 'F_GETFD', 'F_SETFD', 'F_GETFL', 'F_SETFL', 'F_GETLK', 'F_SETLK', 'F_SETLKW'],
};

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}

/** `A|B|0x80`: the rest that has no name in hexadecimal; `none` for zero. */
export function bits(names: Names, value: number, none = '0'): string {
  const found = names.filter(([bit]) => (value & bit) !== 0);
  const rest = found.reduce((left, [bit]) => left & ~bit, value);
  const parts = [...found.map(([, name]) => name), ...(rest === 0 ? [] : [hex(rest)])];
  return parts.length === 0 ? none : parts.join('|');
}

function openFlags(value: number): string {
  const access = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'][value & 3] ?? '';
  const rest = value & ~3;
  return rest === 0 ? access : `${access}|${bits(OPEN, rest)}`;
}

function futexOperation(value: number): string {
  const PRIVATE = 128;
  const REALTIME = 256;
  const name = FUTEX[value & ~(PRIVATE | REALTIME)];
  if (name === undefined) return hex(value);
  const priv = value & PRIVATE ? '_PRIVATE' : '';
  return `FUTEX_${name}${priv}${value & REALTIME ? '|FUTEX_CLOCK_REALTIME' : ''}`;
}

/** How many of futex's six arguments an operation looks at. */
export function futexArguments(operation: number): number {
  const counts = [4, 3, 3, 5, 6, 6, 4, 2, 2, 6, 6, 6, 6];
  return counts[operation & 127] ?? 6;
}

/** clone's flags carry the signal for the parent in the low byte. */
function cloneFlags(value: number): string {
  const sig = value & 0xff;
  return bits(CLONE, value & ~0xff) + (sig === 0 ? '' : `|${sig === 17 ? 'SIGCHLD' : sig}`);
}

const WAIT_OPTIONS: Names = [
  [0x1, 'WNOHANG'],
  [0x2, 'WSTOPPED'],
  [0x4, 'WEXITED'],
  [0x8, 'WCONTINUED'],
  [0x1000000, 'WNOWAIT'],
  [0x20000000, '__WNOTHREAD'],
  [0x40000000, '__WALL'],
  [0x80000000, '__WCLONE'],
];

const ID_TYPES = ['P_ALL', 'P_PID', 'P_PGID', 'P_PIDFD'];

/** Text of an argument that is a number with a meaning; undefined for the other types. */
export function flagText(type: ArgumentType, value: number): string | undefined {
  switch (type) {
    case 'open-flags':
      return openFlags(value);
    case 'fd-flags':
      return bits(OPEN, value);
    case 'protection':
      return bits(PROTECTION, value, 'PROT_NONE');
    case 'map-flags':
      return bits(MAP, value);
    case 'clone-flags':
      return cloneFlags(value);
    case 'wait-options':
      return bits(WAIT_OPTIONS, value);
    case 'id-type':
      return ID_TYPES[value] ?? `${value}`;
    case 'futex-op':
      return futexOperation(value);
    case 'fcntl-command':
      return value === 1030 ? 'F_DUPFD_CLOEXEC' : (VALUES[type]?.[value] ?? `${value}`);
    case 'dirfd':
      return (value | 0) === -100 ? 'AT_FDCWD' : `${value | 0}`;
    default:
      return VALUES[type]?.[value] ?? (type in VALUES ? `${value | 0}` : undefined);
  }
}
