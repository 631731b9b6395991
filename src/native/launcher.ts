/**
 * Static i386 executables of some hundred bytes, written byte by byte, since nothing may be compiled at run time.
 * Layout: ELF32 header (52 bytes), one PT_LOAD (32 bytes), code. System V ABI i386: the initial stack is argc, argv, 0, envp.
 * Calls: their manual pages, section 2; numbers: arch/x86/entry/syscalls/syscall_32.tbl.
 */
const BASE = 0x08048000;
const CODE_OFFSET = 84;

/** Exit codes of the launcher, above all error numbers: execve's own is the exit code where that is what fails. */
export const LAUNCHER_EXIT = { personality: 250, orphan: 251, ptrace: 252 } as const;

const u32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

/** mov $nr,%eax; int $0x80, with ebx set before where there is one. */
const call = (nr: number, ebx?: number): number[] => [
  ...(ebx === undefined ? [] : [0xbb, ...u32(ebx)]),
  ...[0xb8, ...u32(nr), 0xcd, 0x80],
];

/** Around exit(code): a short jump by `opcode` goes on behind it. */
const exitUnless = (opcode: number, code: number): number[] => {
  const exit = call(1, code);
  return [opcode, exit.length, ...exit];
};
const JNS = 0x79;
const JE = 0x74;

/**
 * Turns itself into the program argv[0], traced by its parent, in a state that does not depend on how sigsweep was started.
 * execve of a traced process stops it before its first instruction. It is killed with its parent's thread; a parent that was
 * gone before that could be asked for is another one by now. The alarm is the tracer's watchdog: a process that sleeps where
 * it should not is stopped for it. A session of its own keeps the terminal's signals away. The limit of the stack decides
 * where the kernel puts everything else (arch/x86/mm/mmap.c: mmap_base).
 */
// biome-ignore format: columns of code bytes beside their meaning
const launcher = (parent: number): number[] => [
  ...call(136, 0x0040000),                             // personality(ADDR_NO_RANDOMIZE)
  0x85, 0xc0, ...exitUnless(JNS, LAUNCHER_EXIT.personality), // test %eax,%eax
  0xb9, ...u32(9), ...call(172, 1),                    // prctl(PR_SET_PDEATHSIG, SIGKILL)
  ...call(64),                                         // getppid
  0x3d, ...u32(parent), ...exitUnless(JE, LAUNCHER_EXIT.orphan), // cmp $parent,%eax
  ...call(66),                                         // setsid
  0x83, 0xec, 8,  0x89, 0xe1,                          // sub $8,%esp: struct rlimit at ecx
  ...call(191, 3),                                     // getrlimit(RLIMIT_STACK)
  0xba, ...u32(8 << 20),                               // mov $8 MiB,%edx
  0x3b, 0x51, 4,  0x76, 3,  0x8b, 0x51, 4,             // cmp 4(%ecx),%edx; jbe 1f; mov 4(%ecx),%edx
  0x89, 0x11,                                          // 1: mov %edx,(%ecx)
  ...call(75),                                         // setrlimit(RLIMIT_STACK, the lower of 8 MiB and the hard limit)
  0x31, 0xd2,  0x89, 0x11,  0x89, 0x51, 4,             // xor %edx,%edx; mov %edx,(%ecx); mov %edx,4(%ecx)
  ...call(75, 4),                                      // setrlimit(RLIMIT_CORE, {0, 0})
  0x83, 0xc4, 8,                                       // add $8,%esp
  0xb9, ...u32(0xffffffff),  0x31, 0xd2, ...call(436, 3), // close_range(3, ~0, 0)
  ...call(60, 0o22),                                   // umask
  ...call(27, 10),                                     // alarm(10): survives execve
  ...call(26, 0),                                      // ptrace(PTRACE_TRACEME)
  0x85, 0xc0, ...exitUnless(JNS, LAUNCHER_EXIT.ptrace), // test %eax,%eax
  0x8b, 0x04, 0x24,                                    // mov (%esp),%eax: argc
  0x8b, 0x5c, 0x24, 4,                                 // mov 4(%esp),%ebx: argv[0]
  0x8d, 0x4c, 0x24, 4,                                 // lea 4(%esp),%ecx: argv
  0x8d, 0x54, 0x84, 8,                                 // lea 8(%esp,%eax,4),%edx: envp
  ...call(11),                                         // execve
  0xf7, 0xd8,  0x89, 0xc3, ...call(1),                 // exit(-eax)
  0x0f, 0x0b,                                          // ud2: where not even exit is a call
];

/** Sends itself SIGUSR1 and stops with int3 in the handler: its frame shows what this CPU saves. */
// biome-ignore format: columns of code bytes beside their meaning
const PROBE = [
  0xb8, 0x30, 0, 0, 0,  0xbb, 10, 0, 0, 0,                                 // signal(SIGUSR1,
  0xb9, 0x7a, 0x80, 0x04, 0x08,  0xcd, 0x80,                               //   handler)
  0xb8, 0x14, 0, 0, 0,  0xcd, 0x80,  0x89, 0xc3,                           // getpid
  0xb9, 10, 0, 0, 0,  0xb8, 0x25, 0, 0, 0,  0xcd, 0x80,                    // kill(pid, SIGUSR1)
  0xcc,                                                                    // handler, at offset 38 of the code
];

function executable(code: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(CODE_OFFSET + code.length);
  const view = new DataView(bytes.buffer);
  const put16 = (at: number, ...values: number[]) =>
    values.forEach((value, i) => {
      view.setUint16(at + 2 * i, value, true);
    });
  const put32 = (at: number, ...values: number[]) =>
    values.forEach((value, i) => {
      view.setUint32(at + 4 * i, value, true);
    });
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  put16(16, 2, 3); // ET_EXEC, EM_386
  put32(20, 1, BASE + CODE_OFFSET, 52); // version, entry, program headers
  put16(40, 52, 32, 1); // header size, program header size and number
  put32(52, 1, 0, BASE, BASE, bytes.length, bytes.length, 5, 0x1000); // PT_LOAD, r-x
  bytes.set(code, CODE_OFFSET);
  return bytes;
}

/** `parent` is the id of the process that starts it. */
export const launcherExecutable = (parent: number): Uint8Array => executable(launcher(parent));
export const probeExecutable = (): Uint8Array => executable(PROBE);
