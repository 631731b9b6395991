// A machine that does not let sigsweep trace 32-bit programs: `skipped`, with the reason, and exit code 2. Such machines are
// made here with seccomp filters (seccomp(2)): on this process's thread, so that they hold for what it starts as well.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { probeMachine } from '../../src/native/probe.js';
import { whyNot } from '../conformance/setup.js';

const MAIN = 'dist/cli/main.js';
const built = existsSync(MAIN) ? null : 'not built: npm run build';
const reason = whyNot() ?? built ?? (probeMachine().ok ? null : 'no 32-bit programs or no ptrace here');

const ARCH = { amd64: 0xc000003e, i386: 0x40000003 } as const;
const EPERM = 1;
const ENOEXEC = 8;
const EACCES = 13;
const ENOSYS = 38;
/** What a filter returns (linux/seccomp.h). */
const fail = (errno: number): number => 0x00050000 | errno;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;

interface Filter {
  readonly arch: keyof typeof ARCH;
  /** null for every call. */
  readonly nr: number | null;
  readonly action: number;
}

/** struct sock_filter: code, jumps if true and if false, operand (linux/filter.h). */
function program({ arch, nr, action }: Filter): Buffer {
  const load = (at: number) => [0x20, 0, 0, at];
  const unless = (value: number, skip: number) => [0x15, 0, skip, value];
  const result = (value: number) => [0x06, 0, 0, value];
  const call = nr === null ? [] : [load(0), unless(nr, 1)];
  const lines = [load(4), unless(ARCH[arch], 1 + call.length), ...call, result(action), result(ALLOW)];
  const bytes = Buffer.alloc(8 * lines.length);
  for (const [i, [code = 0, yes = 0, no = 0, operand = 0]] of lines.entries()) {
    bytes.writeUInt16LE(code, 8 * i);
    bytes.writeUInt8(yes, 8 * i + 2);
    bytes.writeUInt8(no, 8 * i + 3);
    bytes.writeUInt32LE(operand, 8 * i + 4);
  }
  return bytes;
}

/** A script under the filter. */
function under(filter: Filter, then: string) {
  const script = `
    import koffi from 'koffi';
    const program = Buffer.from('${program(filter).toString('hex')}', 'hex');
    const description = Buffer.alloc(16);
    description.writeUInt16LE(program.length / 8, 0);
    description.writeBigUInt64LE(koffi.address(program), 8);
    const libc = koffi.load(null);
    const prctl = libc.func('int prctl(int, unsigned long, void *, unsigned long, unsigned long)');
    if (prctl(38, 1, null, 0, 0) !== 0 || prctl(22, 2, description, 0, 0) !== 0) process.exit(99);
    ${then}`;
  const args = ['--input-type=module', '-e', script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const PROBE = `
  const { probeMachine } = await import('./dist/native/probe.js');
  const probe = probeMachine();
  console.log(probe.ok ? 'ok' : probe.reason);`;
const CONFORM = `
  process.argv.splice(1, 0, 'sigsweep', 'conform', 'stack', '--case', 'edge', '--stride', '99');
  await import('./${MAIN}');`;

const CASES: readonly (readonly [string, Filter, string])[] = [
  [
    'a kernel without 32-bit programs',
    { arch: 'amd64', nr: 59, action: fail(ENOEXEC) },
    'this kernel runs no 32-bit programs (ENOEXEC)',
  ],
  [
    'no programs to be started',
    { arch: 'amd64', nr: 59, action: fail(EACCES) },
    'no 32-bit program can be started here (EACCES)',
  ],
  [
    'ptrace refused to the program',
    { arch: 'i386', nr: 26, action: fail(EPERM) },
    'ptrace is refused: a container, kernel.yama.ptrace_scope, or a debugger that has the process already',
  ],
  [
    'ptrace refused to sigsweep',
    { arch: 'amd64', nr: 101, action: fail(EPERM) },
    'ptrace is refused to the tracer (EPERM): a seccomp filter?',
  ],
  [
    'personality refused, as by default in Docker',
    { arch: 'i386', nr: 136, action: fail(EPERM) },
    'address randomisation cannot be switched off: personality(2) is refused, as in many containers',
  ],
  [
    'no 32-bit calls: they fail',
    { arch: 'i386', nr: null, action: fail(ENOSYS) },
    'this kernel starts 32-bit programs but ends them at a system call (signal 4): a seccomp filter?',
  ],
  [
    'no 32-bit calls: they kill',
    { arch: 'i386', nr: null, action: KILL_PROCESS },
    'this kernel starts 32-bit programs but ends them at a system call (signal 31): a seccomp filter?',
  ],
];

describe.skipIf(reason !== null)(`a machine with${reason === null ? '' : `: skipped, ${reason}`}`, () => {
  test.each(CASES)('%s', (_what, filter, said) => {
    expect(under(filter, PROBE)).toEqual({ status: 0, stdout: `${said}\n`, stderr: '' });
  });

  test('one of these: conform says so and ends with 2', () => {
    const [, filter, said] = CASES[0] ?? expect.fail('no cases');
    expect(under(filter, CONFORM)).toEqual({ status: 2, stdout: `skipped: ${said}\n`, stderr: '' });
  });

  test('a filter on something else can be compared with', () => {
    const filter = { arch: 'i386', nr: 9999, action: fail(ENOSYS) } as const;
    expect(under(filter, PROBE)).toEqual({ status: 0, stdout: 'ok\n', stderr: '' });
  });
});
