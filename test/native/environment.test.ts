// What is compared does not depend on how sigsweep was started: session, signals, limits, user, environment.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { probeMachine } from '../../src/native/probe.js';
import { whyNot } from '../conformance/setup.js';

const MAIN = 'dist/cli/main.js';
const built = existsSync(MAIN) ? null : 'not built: npm run build';
const reason = whyNot() ?? built ?? (probeMachine().ok ? null : 'no 32-bit programs or no ptrace here');

/** Frames, the stack's place, default actions, a sender's user: what such a thing could change. */
const CONFORM = [process.execPath, MAIN, 'conform', 'stack', 'fault', '--stride', '999'];

function run(command: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const [program = '', ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env });
  return { there: error === undefined, status, stdout, stderr };
}

const shell = (before: string): string[] => ['sh', '-c', `${before}; exec "$@"`, 'sh', ...CONFORM];

/** Blocks every signal in the thread that starts the programs. */
const BLOCKED = `
  import koffi from 'koffi';
  const block = koffi.load(null).func('int pthread_sigmask(int, void *, void *)');
  block(0, Buffer.alloc(128, 0xff), null);
  process.argv.splice(1, 0, 'sigsweep');
  await import('./${MAIN}');`;

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

const LIMITS = 'umask 077; ulimit -c unlimited; ulimit -s 512; exec 7</dev/null 8>/dev/null';
const LARGE = { ...process.env, LARGE: 'x'.repeat(100_000) };

/** Each with several things that do not touch each other. */
const WAYS: readonly (readonly [string, readonly string[], NodeJS.ProcessEnv])[] = [
  [
    'in a session of its own, with signals ignored, a small stack, other descriptors',
    ['setsid', '-w', ...shell(`trap "" HUP INT PIPE ALRM TERM USR1 USR2 CHLD CONT TSTP 34 35 64; ${LIMITS}`)],
    process.env,
  ],
  [
    'with a stack without a limit, another layout, a large environment',
    ['setarch', '-R', '-L', '-X', ...shell('ulimit -s unlimited')],
    LARGE,
  ],
  [
    'with every signal blocked, without an environment',
    [process.execPath, '--input-type=module', '-e', BLOCKED, ...CONFORM.slice(2)],
    {},
  ],
];

describe.skipIf(reason !== null)(`the same${reason === null ? '' : `: skipped, ${reason}`}`, () => {
  const plain = reason === null ? run(CONFORM).stdout : '';

  test('at all: nothing differs', () => {
    expect(plain).toMatch(/^compared \d+ points, .*: no difference$/m);
  });

  test.each(WAYS)('%s', (_way, command, env) => {
    const { there, ...result } = run(command, env);
    expect(there).toBe(true);
    expect(result).toEqual({ status: 0, stdout: plain, stderr: '' });
  });

  const readable = run([...NOBODY, 'test', '-r', MAIN]).status === 0;
  test.skipIf(!readable)('as another user, whose id the frames then show', () => {
    const { status, stdout } = run([...NOBODY, ...CONFORM]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: plain });
  });
});
