/**
 * The C library functions that starting and tracing a process needs, bound through koffi in this process's own library.
 * Requests and options of ptrace are from linux/ptrace.h; wait statuses from wait(2).
 *
 * All of ptrace belongs to one OS thread: koffi's synchronous calls run on the calling JavaScript thread, so whoever
 * starts a process must also drive it. Pointers are bigints; `Block` is memory that both sides see.
 */
import koffi from 'koffi';
import { NativeError } from './errors.js';

export type Pointer = bigint;

export const PTRACE = {
  CONT: 7,
  SINGLESTEP: 9,
  SYSCALL: 24,
  SETOPTIONS: 0x4200,
  GETSIGINFO: 0x4202,
  GETREGSET: 0x4204,
  SETREGSET: 0x4205,
} as const;

/** Syscall stops are marked in the stop signal; the process dies with the tracer. */
export const PTRACE_OPTIONS = 0x1 | 0x100000;

/** Register sets of core notes (linux/elf.h). */
export const NT = { PRSTATUS: 1, PRXFPREG: 0x46e62b7f } as const;

/** Children of every kind (linux/wait.h). */
export const WALL = 0x40000000;

export interface Libc {
  ptrace(request: number, pid: number, address: number | Pointer, data: number | Pointer): number;
  waitpid(pid: number, status: Pointer, options: number): number;
  /** tgkill, which the library does not export everywhere. */
  syscall3(nr: number, a: number, b: number, c: number): number;
  kill(pid: number, sig: number): number;
  yield(): number;
  pipe2(fds: Pointer, flags: number): number;
  read(fd: number, buffer: Pointer, length: number): number;
  close(fd: number): number;
  memfdCreate(name: string, flags: number): number;
  calloc(count: number, size: number): Pointer;
  posixSpawn(
    pid: Pointer,
    path: string,
    actions: Pointer,
    attributes: Pointer,
    argv: readonly (string | null)[],
    envp: readonly (string | null)[],
  ): number;
  actionsInit(actions: Pointer): number;
  actionsAddDup2(actions: Pointer, from: number, to: number): number;
  actionsDestroy(actions: Pointer): number;
  attributesInit(attributes: Pointer): number;
  attributesSetFlags(attributes: Pointer, flags: number): number;
  attributesSetMask(attributes: Pointer, set: Pointer): number;
  attributesSetDefault(attributes: Pointer, set: Pointer): number;
  sigemptyset(set: Pointer): number;
  sigfillset(set: Pointer): number;
}

let bound: Libc | undefined;

export function libc(): Libc {
  bound ??= bind();
  return bound;
}

function bind(): Libc {
  const lib = koffi.load(null);
  return {
    ptrace: lib.func('long ptrace(long, long, uint64_t, uint64_t)'),
    waitpid: lib.func('int waitpid(int, void *, int)'),
    syscall3: lib.func('long syscall(long, long, long, long)'),
    kill: lib.func('int kill(int, int)'),
    yield: lib.func('int sched_yield()'),
    pipe2: lib.func('int pipe2(void *, int)'),
    read: lib.func('long read(int, void *, size_t)'),
    close: lib.func('int close(int)'),
    memfdCreate: lib.func('int memfd_create(const char *, unsigned int)'),
    calloc: lib.func('void *calloc(size_t, size_t)'),
    posixSpawn: lib.func(
      'int posix_spawn(void *, const char *, void *, void *, const char **, const char **)',
    ),
    actionsInit: lib.func('int posix_spawn_file_actions_init(void *)'),
    actionsAddDup2: lib.func('int posix_spawn_file_actions_adddup2(void *, int, int)'),
    actionsDestroy: lib.func('int posix_spawn_file_actions_destroy(void *)'),
    attributesInit: lib.func('int posix_spawnattr_init(void *)'),
    attributesSetFlags: lib.func('int posix_spawnattr_setflags(void *, short)'),
    attributesSetMask: lib.func('int posix_spawnattr_setsigmask(void *, void *)'),
    attributesSetDefault: lib.func('int posix_spawnattr_setsigdefault(void *, void *)'),
    sigemptyset: lib.func('int sigemptyset(void *)'),
    sigfillset: lib.func('int sigfillset(void *)'),
  };
}

/** Zeroed memory for the life of this process, seen by C and by JavaScript. */
export interface Block {
  readonly address: Pointer;
  readonly view: DataView;
}

export function block(size: number): Block {
  const address = libc().calloc(1, size);
  if (!address) throw new NativeError('SYSTEM_CALL', `no memory for ${size} bytes`);
  return { address, view: new DataView(koffi.view(address, size)) };
}

export const errnoName = (value = koffi.errno()): string => {
  const known = Object.entries(koffi.os.errno).find(([, number]) => number === value);
  return known?.[0] ?? `error ${value}`;
};

export const lastErrno = (): number => koffi.errno();

/** Throws unless a call that returns -1 on failure succeeded. */
export function must(result: number, what: string): number {
  if (result < 0) throw new NativeError('SYSTEM_CALL', `${what} failed: ${errnoName()}`);
  return result;
}
