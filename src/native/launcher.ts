/**
 * Static i386 executables of some hundred bytes, written byte by byte, since nothing may be compiled at run time.
 * Layout: ELF32 header (52 bytes), one PT_LOAD (32 bytes), code. System V ABI i386: the initial stack is argc, argv, 0, envp.
 */
const BASE = 0x08048000;
const CODE_OFFSET = 84;

/**
 * Turns itself into the program argv[0], traced by its parent, without address randomisation and core files, and killed
 * with its parent's thread. execve of a traced process stops it before its first instruction. Exit code 127: execve failed.
 * The alarm is the tracer's watchdog: a process that sleeps where it should not is stopped for it.
 */
// biome-ignore format: columns of code bytes beside their meaning
const LAUNCHER = [
  0xb8, 0x88, 0, 0, 0,  0xbb, 0, 0, 0x04, 0,  0xcd, 0x80,                  // personality(ADDR_NO_RANDOMIZE)
  0xb8, 0xac, 0, 0, 0,  0xbb, 1, 0, 0, 0,  0xb9, 9, 0, 0, 0,  0xcd, 0x80,  // prctl(PR_SET_PDEATHSIG, SIGKILL)
  0x6a, 0,  0x6a, 0,  0x89, 0xe1,                                          // push 0, 0: struct rlimit at ecx
  0xb8, 0x4b, 0, 0, 0,  0xbb, 4, 0, 0, 0,  0xcd, 0x80,                     // setrlimit(RLIMIT_CORE, {0, 0})
  0x83, 0xc4, 8,                                                           // add $8,%esp
  0xb8, 0xb4, 0x01, 0, 0,  0xbb, 3, 0, 0, 0,  0x83, 0xc9, 0xff,            // close_range(3, ~0,
  0x31, 0xd2,  0xcd, 0x80,                                                 //   0)
  0xb8, 0x3c, 0, 0, 0,  0xbb, 0x12, 0, 0, 0,  0xcd, 0x80,                  // umask(022)
  0xb8, 0x1b, 0, 0, 0,  0xbb, 10, 0, 0, 0,  0xcd, 0x80,                    // alarm(10): survives execve
  0xb8, 0x1a, 0, 0, 0,  0x31, 0xdb,  0xcd, 0x80,                           // ptrace(PTRACE_TRACEME)
  0x8b, 0x04, 0x24,                                                        // mov (%esp),%eax: argc
  0x8b, 0x5c, 0x24, 4,                                                     // mov 4(%esp),%ebx: argv[0]
  0x8d, 0x4c, 0x24, 4,                                                     // lea 4(%esp),%ecx: argv
  0x8d, 0x54, 0x84, 8,                                                     // lea 8(%esp,%eax,4),%edx: envp
  0xb8, 0x0b, 0, 0, 0,  0xcd, 0x80,                                        // execve
  0xb8, 1, 0, 0, 0,  0xbb, 0x7f, 0, 0, 0,  0xcd, 0x80,                     // exit(127)
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
  const u16 = (at: number, ...values: number[]) =>
    values.forEach((value, i) => {
      view.setUint16(at + 2 * i, value, true);
    });
  const u32 = (at: number, ...values: number[]) =>
    values.forEach((value, i) => {
      view.setUint32(at + 4 * i, value, true);
    });
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  u16(16, 2, 3); // ET_EXEC, EM_386
  u32(20, 1, BASE + CODE_OFFSET, 52); // version, entry, program headers
  u16(40, 52, 32, 1); // header size, program header size and number
  u32(52, 1, 0, BASE, BASE, bytes.length, bytes.length, 5, 0x1000); // PT_LOAD, r-x
  bytes.set(code, CODE_OFFSET);
  return bytes;
}

export const launcherExecutable = (): Uint8Array => executable(LAUNCHER);
export const probeExecutable = (): Uint8Array => executable(PROBE);
