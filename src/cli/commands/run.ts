import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Event } from '../../kernel/history.js';
import { isAlive } from '../../kernel/kernel.js';
import { syscallName } from '../../kernel/syscalls/table.js';
import { createWorld } from '../../world/create.js';
import type { PlantedFile } from '../../world/options.js';
import { attachStrace } from '../../world/strace/index.js';
import type { Ending, World } from '../../world/world.js';
import { InputError, UsageError } from '../errors.js';
import { chooseVdso, isExecutable, readInputFile, readProgram } from '../input.js';
import { EXIT, type Io } from '../io.js';

/** `sigsweep run`: a static i386 executable in the emulator, its streams and its status as natively. */
interface RunOptions {
  readonly strace?: true;
  readonly vdso?: string;
  readonly stdin?: string;
  readonly env: readonly string[];
  readonly file: readonly PlantedFile[];
}

export function addRun(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('run')
    .description('run a static i386 executable in the emulator')
    .argument('<program>', 'the executable')
    .argument('[args...]', 'its arguments')
    .option('--strace', 'log system calls and signals on standard error')
    .option('--vdso <id>', 'the vDSO image to map (default: this machine’s)')
    .option('--stdin <file>', 'what the program reads from its standard input (default: nothing)')
    .option('--env <name=value>', 'add to its environment, which is empty otherwise', collect, [])
    .option('--file <path[=host]>', 'a file the program finds at this path', collectFile, [])
    .passThroughOptions()
    .action((path: string, args: string[], options: RunOptions) => {
      done(runProgram(path, args, options, io));
    });
}

function collect(value: string, previous: readonly string[]): string[] {
  if (!/^[^=]+=/.test(value)) throw new UsageError(`--env ${value}: it must be NAME=VALUE`);
  return [...previous, value];
}

/** The guest's path and the host's file, by default the same; a relative path is meant from the guest's root. */
function collectFile(value: string, previous: readonly PlantedFile[]): PlantedFile[] {
  const [path = '', host = path] = value.split('=', 2);
  if (path === '' || host === '') throw new UsageError(`--file ${value}: it must be PATH or PATH=HOSTFILE`);
  const content = readInputFile(host);
  return [...previous, { path: resolve('/', path), content, executable: isExecutable(host) }];
}

function runProgram(path: string, args: readonly string[], options: RunOptions, io: Io): number {
  const program = readProgram(path);
  const vdso = chooseVdso(options.vdso);
  const stdin = options.stdin === undefined ? undefined : readInputFile(options.stdin);
  const created = createWorld({
    program,
    vdso,
    args: [path, ...args],
    env: options.env,
    files: options.file,
    path: resolve('/', path),
    ...(stdin === undefined ? {} : { stdin }),
  });
  if (!created.ok) throw new InputError(created.error.message);
  const { world } = created;
  try {
    const stopLog = options.strace ? attachStrace(world, (line) => io.err(`${line}\n`)) : () => {};
    world.observe((event) => forwardOutput(event, io));
    const ending = runToEnd(world);
    stopLog();
    return conclude(world, ending, io);
  } finally {
    world.close();
  }
}

function forwardOutput(event: Event, io: Io): void {
  if (event.kind !== 'output') return;
  if (event.fd === 1) io.out(event.bytes);
  else io.err(event.bytes);
}

/** Kernel transitions of a whole run, in units of World's own bound. */
const ROUNDS = 500;

/** Nobody explores here: a thread that parks for an explorer goes on as soon as the others are done, as natively. */
function runToEnd(world: World): Ending {
  let rounds = 0;
  for (;;) {
    const ending = world.run();
    if (ending?.kind === 'parked') for (const role of ending.roles) world.release(role);
    else if (ending?.kind !== 'bound' || ending.what === 'instructions' || ++rounds > ROUNDS) {
      if (ending !== null) return ending;
    }
  }
}

function conclude(world: World, ending: Ending, io: Io): number {
  const unmodelled = new Set(
    world.history.flatMap((event) => (event.kind === 'unmodelled' ? [event.what] : [])),
  );
  for (const what of unmodelled) io.err(`sigsweep: inconclusive: ${what} is not modelled\n`);
  if (ending.kind !== 'ended') {
    io.err(`sigsweep: ${describe(world, ending)}\n`);
    return EXIT.inconclusive;
  }
  const { exit } = ending;
  const status = exit.kind === 'exited' ? exit.status : 128 + exit.sig;
  return status === 0 && unmodelled.size > 0 ? EXIT.inconclusive : status;
}

function describe(world: World, ending: Exclude<Ending, { kind: 'ended' }>): string {
  if (ending.kind === 'bound') {
    return `inconclusive: given up after too many ${ending.what === 'instructions' ? 'instructions without a system call' : 'system calls'}`;
  }
  const sleepers = world
    .tasks()
    .filter(isAlive)
    .map(({ tid, phase }) => `${tid} in ${'call' in phase ? syscallName(phase.call.nr) : 'user mode'}`);
  return `deadlock: every thread sleeps and nothing will wake it: ${sleepers.join(', ')}`;
}
