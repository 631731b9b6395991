// `sigsweep run`: streams and status as natively, one line and the right code for everything else.
import { copyFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assemble, scratchFolder } from '../assembled.js';
import { cli } from './io.js';

const HELLO = 'fixtures/cache/programs/musl-1.2.3/compat/hello';
const THREADS = 'fixtures/cache/programs/musl-1.2.3/compat/threads';

const call = (nr: number, ...args: (number | string)[]) =>
  [
    ...args.map((arg, i) => `mov $${arg},%${['ebx', 'ecx', 'edx', 'esi', 'edi'][i]}`),
    `mov $${nr},%eax; int $0x80`,
  ].join('; ');

const program = (...lines: string[]) =>
  assemble(
    `.globl _start\n_start:\n${lines.join('\n')}\n.data\ntext: .ascii "hi\\n"\n.bss\nbuffer: .space 16\n`,
  );

describe('sigsweep run', () => {
  it("passes arguments on, also those that look like options, and writes the program's output", async () => {
    expect(await cli('run', HELLO, 'a', '-x', '--strace')).toEqual({
      code: 0,
      out: 'hello, 3 arguments\na\n-x\n--strace\n',
      err: '',
    });
  });

  it("exits with the program's status", async () => {
    expect((await cli('run', program(call(1, 300)))).code).toBe(300 & 255);
  });

  it('exits with 128 + the signal that killed it', async () => {
    expect((await cli('run', program('ud2'))).code).toBe(128 + 4);
  });

  it("keeps the program's standard error apart, byte for byte", async () => {
    const path = program(call(4, 1, 'text', 2), call(4, 2, 'text', 3), call(1, 0));
    expect(await cli('run', path)).toEqual({ code: 0, out: 'hi', err: 'hi\n' });
  });

  it('gives it the bytes of --stdin, and nothing without', async () => {
    const echo = program(
      call(3, 0, 'buffer', 16),
      'mov %eax,%edx',
      'mov $1,%ebx; mov $buffer,%ecx; mov $4,%eax; int $0x80',
      'mov %eax,%ebx; mov $1,%eax; int $0x80',
    );
    const input = join(scratchFolder(), 'input');
    writeFileSync(input, Uint8Array.of(0, 255, 65));
    expect(await cli('run', '--stdin', input, echo)).toEqual({ code: 3, out: '\0\xffA', err: '' });
    expect(await cli('run', echo)).toEqual({ code: 0, out: '', err: '' });
  });

  it('gives it the environment of --env', async () => {
    // argc, argv[0], NULL, then envp[0].
    const path = program('mov 12(%esp),%ecx', 'mov $1,%ebx; mov $4,%edx; mov $4,%eax; int $0x80', call(1, 0));
    expect((await cli('run', '--env', 'AB=1', path)).out).toBe('AB=1');
  });

  it('runs on the image of --vdso', async () => {
    for (const id of ['6.1-686/int80', '6.1-686/sysenter', '6.19-amd64/syscall']) {
      expect(await cli('run', '--vdso', id, THREADS)).toMatchObject({ code: 0, err: '' });
    }
  });

  it('says at the end which call is not modelled, and does not call that a success', async () => {
    const path = program(call(384, 0), call(384, 0), call(1, 0));
    expect(await cli('run', path)).toEqual({
      code: 2,
      out: '',
      err: 'sigsweep: inconclusive: syscall 384 (arch_prctl) is not modelled\n',
    });
  });

  it('lets a failure of the program itself stand', async () => {
    expect((await cli('run', program(call(384, 0), call(1, 7)))).code).toBe(7);
  });

  it('says who sleeps in which call when nothing can wake anybody', async () => {
    const result = await cli('run', program(call(29)));
    expect(result.code).toBe(2);
    expect(result.err).toBe(
      'sigsweep: deadlock: every thread sleeps and nothing will wake it: 100 in pause\n',
    );
  });
});

describe('sigsweep run refuses with one line', () => {
  const refuse = async (code: number, line: RegExp, ...argv: string[]) => {
    const result = await cli('run', ...argv);
    expect(result).toMatchObject({ code, out: '' });
    expect(result.err).toMatch(/^[^\n]+\n$/);
    expect(result.err).toMatch(line);
  };
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(scratchFolder(), name);
    writeFileSync(path, content);
    return path;
  };

  it('a file that is not there', () => refuse(3, /nowhere: there is no such file/, 'nowhere'));
  it('a directory', () => refuse(3, /is a directory/, scratchFolder()));
  it('a path through a file', () => refuse(3, /not a directory/, `${HELLO}/x`));
  it('an empty file', () => refuse(3, /empty/, file('empty', '')));
  it('a file that is not ELF', () =>
    refuse(3, /not an ELF/, file('text', 'hello, this is text\n'.repeat(10))));
  it('a 64-bit program', () => refuse(3, /64-bit/, process.execPath));
  it('a truncated program', () => {
    const path = join(scratchFolder(), 'truncated');
    copyFileSync(HELLO, path);
    truncateSync(path, 100);
    return refuse(3, /truncated/, path);
  });
  it('a dynamically linked program', () => {
    const path = assemble('.globl _start\n_start: hlt\n', '-dynamic-linker', '/lib/ld.so', '-pie');
    return refuse(3, /dynamically linked/, path);
  });
  it('an object file', () => {
    const path = assemble('.globl _start\n_start: hlt\n');
    return refuse(3, /not an executable/, `${path}.o`);
  });
  it('an input that is not there', () => refuse(3, /no such file/, '--stdin', 'nowhere', HELLO));
  it('no program', () => refuse(64, /missing required argument/));
  it('an unknown option', () => refuse(64, /unknown option/, '--strce', HELLO));
  it('an unknown image', () => refuse(64, /no vDSO image x; there are .*host/, '--vdso', 'x', HELLO));
  it('an environment without =', () => refuse(64, /NAME=VALUE/, '--env', 'x', HELLO));
});

describe('sigsweep run --strace', () => {
  it('writes calls with what their arguments point to, results and the end', async () => {
    const path = program(call(4, 1, 'text', 3), call(6, 9), call(45, 0), call(1, 5));
    expect((await cli('run', '--strace', path)).err.split('\n')).toEqual([
      'write(1, "hi\\n", 3) = 3',
      'close(9) = -1 EBADF (not an open descriptor)',
      expect.stringMatching(/^brk\(NULL\) = 0x[0-9a-f]+$/),
      'exit(5) = ?',
      '+++ exited with 5 +++',
      '',
    ]);
  });

  it('splits a call that another thread comes between, and shows signals and restart codes', async () => {
    const { err } = await cli('run', '--strace', THREADS);
    const lines = err.split('\n');
    expect(lines).toContain('[pid 103] read(3,  <unfinished ...>');
    expect(lines).toContain('[pid 100] tkill(103, SIGRT_1) = 0');
    expect(lines).toContain(
      '[pid 103] --- SIGRT_1 {si_signo=SIGRT_1, si_code=SI_TKILL, si_pid=100, si_uid=0} ---',
    );
    expect(err).toMatch(/\[pid 103\] <\.\.\. read resumed>0x[0-9a-f]+, 1\) = \? ERESTARTSYS/);
    expect(err).toMatch(/mmap2\(NULL, \d+, PROT_NONE, MAP_PRIVATE\|MAP_ANONYMOUS, -1, 0x0\) = 0x/);
    expect(err).toMatch(/clone\(CLONE_VM\|CLONE_FS\|CLONE_FILES\|CLONE_SIGHAND\|CLONE_THREAD/);
    expect(err).toMatch(/rt_sigprocmask\(SIG_BLOCK, ~\[RT_0 RT_1 RT_2\], \[\], 8\) = 0/);
    expect(err).toMatch(/sa_flags=SA_SIGINFO\|SA_RESTORER\|SA_RESTART/);
  });

  it('shows a fatal signal', async () => {
    const { err } = await cli('run', '--strace', program('movl $0,8'));
    expect(err).toBe(
      '--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x8} ---\n+++ killed by SIGSEGV +++\n',
    );
  });
});
