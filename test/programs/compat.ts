// The programs of fixtures/programs/compat, in the model and on the running kernel.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createWorld } from '../../src/world/create.js';
import type { World } from '../../src/world/world.js';
import { readElf } from '../assembled.js';
import { finish, image, outputOf } from '../world/programs.js';
import { CACHE } from './model.js';

export const COMPAT: readonly string[] = readdirSync('fixtures/programs/compat')
  .filter((name) => name.endsWith('.c'))
  .map((name) => name.slice(0, -2))
  .sort();

export function compatPath(libc: string, name: string): string {
  return `${CACHE}/programs/${libc}/compat/${name}`;
}

/** What anybody outside sees of a run. */
export interface Outside {
  readonly out: string;
  readonly err: string;
  /** 128 + the signal for one that was killed. */
  readonly status: number;
}

/** A world with the program where it is natively, and `hello` beside it: some programs execute both. */
export function compatWorld(libc: string, name: string, vdso = image('host')): World {
  const path = compatPath(libc, name);
  const hello = compatPath(libc, 'hello');
  const created = createWorld({
    program: readElf(path),
    vdso,
    args: [path],
    path: `/${path}`,
    files: [{ path: `/${hello}`, content: readElf(hello).bytes, executable: true }],
  });
  if (!created.ok) throw new Error(created.error.message);
  return created.world;
}

export function compatInModel(libc: string, name: string): Outside & { unmodelled: readonly string[] } {
  const world = compatWorld(libc, name);
  try {
    const ending = finish(world);
    if (ending.kind !== 'ended') throw new Error(`${name} with ${libc}: ${JSON.stringify(ending)}`);
    const { exit } = ending;
    const status = exit.kind === 'exited' ? exit.status : 128 + exit.sig;
    const unmodelled = world.history.flatMap((event) => (event.kind === 'unmodelled' ? [event.what] : []));
    return { out: outputOf(world.history), err: outputOf(world.history, 2), status, unmodelled };
  } finally {
    world.close();
  }
}

/** With the same arguments, an empty environment and nothing on standard input, its output to pipes. */
export function compatNatively(libc: string, name: string): Outside {
  const run = spawnSync('sh', ['-c', '"$0"; exit $?', compatPath(libc, name)], {
    env: {},
    input: '',
    timeout: 60_000,
  });
  return { out: run.stdout.toString('latin1'), err: programError(run.stderr), status: run.status ?? -1 };
}

/** Without what the shell says of a program that was killed. */
function programError(stderr: Buffer): string {
  return stderr
    .toString('latin1')
    .split('\n')
    .filter((line) => !/^(Terminated|sh: )/.test(line))
    .join('\n');
}
