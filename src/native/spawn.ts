/**
 * Starting a program stopped before its first instruction. Node cannot fork safely, so posix_spawn starts the launcher
 * (launcher.ts), which asks to be traced by this thread and then becomes the program. The launcher lives in a memory file:
 * nothing is left on disk. Whatever ends this process ends the traced one (PTRACE_O_EXITKILL, PR_SET_PDEATHSIG).
 */
import { openSync, writeSync } from 'node:fs';
import { NativeError } from './errors.js';
import { launcherExecutable, probeExecutable } from './launcher.js';
import { type Block, block, libc, must, WALL } from './libc.js';

/** <spawn.h>: sizes with room to spare, and the flags we set. */
const ATTRIBUTES_SIZE = 512;
const ACTIONS_SIZE = 256;
const SIGSET_SIZE = 128;
const SETSIGDEF = 4;
const SETSIGMASK = 8;
const MFD_CLOEXEC = 1;
const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;

interface Spawner {
  readonly launcher: string;
  readonly probe: string;
  readonly attributes: Block;
  readonly actions: Block;
  readonly pid: Block;
  readonly status: Block;
  readonly output: Output;
}

let spawner: Spawner | undefined;

/** A pipe that every started program writes its output to, read between runs. */
export interface Output {
  readonly readEnd: number;
  readonly buffer: Block;
}

const BUFFER_SIZE = 1 << 16;

function memoryFile(name: string, content: Uint8Array): string {
  const fd = must(libc().memfdCreate(name, MFD_CLOEXEC), 'memfd_create');
  writeSync(fd, content);
  return `/proc/${process.pid}/fd/${fd}`;
}

function prepare(): Spawner {
  const c = libc();
  const attributes = block(ATTRIBUTES_SIZE);
  const set = block(SIGSET_SIZE);
  c.attributesInit(attributes.address);
  c.attributesSetFlags(attributes.address, SETSIGDEF | SETSIGMASK);
  c.sigemptyset(set.address);
  c.attributesSetMask(attributes.address, set.address);
  c.sigfillset(set.address);
  c.attributesSetDefault(attributes.address, set.address);
  const fds = block(8);
  must(c.pipe2(fds.address, O_CLOEXEC | O_NONBLOCK), 'pipe2');
  const actions = block(ACTIONS_SIZE);
  c.actionsInit(actions.address);
  const nothing = openSync('/dev/null', 'r');
  c.actionsAddDup2(actions.address, nothing, 0);
  const writeEnd = fds.view.getInt32(4, true);
  c.actionsAddDup2(actions.address, writeEnd, 1);
  c.actionsAddDup2(actions.address, writeEnd, 2);
  return {
    launcher: memoryFile('sigsweep-launcher', launcherExecutable()),
    probe: memoryFile('sigsweep-probe', probeExecutable()),
    attributes,
    actions,
    pid: block(8),
    status: block(8),
    output: { readEnd: fds.view.getInt32(0, true), buffer: block(BUFFER_SIZE) },
  };
}

function theSpawner(): Spawner {
  spawner ??= prepare();
  return spawner;
}

export type Spawned =
  | { readonly ok: true; readonly pid: number }
  | { readonly ok: false; readonly reason: string };

const ENOEXEC = 8;
const EPERM = 1;

/** `path` for the kernel, `args` with argv[0], which is what the launcher executes. */
export function spawnTraced(args: readonly string[], env: readonly string[]): Spawned {
  const s = theSpawner();
  const { pid, actions, attributes } = s;
  const error = libc().posixSpawn(
    pid.address,
    s.launcher,
    actions.address,
    attributes.address,
    [...args, null],
    [...env, null],
  );
  if (error === ENOEXEC) return { ok: false, reason: 'this kernel runs no 32-bit programs' };
  if (error === EPERM) return { ok: false, reason: 'starting a program is not permitted here' };
  if (error !== 0) throw new NativeError('SYSTEM_CALL', `posix_spawn failed: error ${error}`);
  return awaitExec(pid.view.getInt32(0, true), args[0] ?? '');
}

/** The first stop is the SIGTRAP after execve. */
function awaitExec(pid: number, path: string): Spawned {
  const status = waitBlocking(pid);
  const SIGTRAP_STOP = 0x057f;
  if (status === SIGTRAP_STOP) return { ok: true, pid };
  const exitCode = (status >> 8) & 0xff;
  if ((status & 0x7f) === 0 && exitCode === 127)
    return { ok: false, reason: `the kernel cannot run ${path}` };
  if ((status & 0x7f) !== 0) return { ok: false, reason: 'tracing is not permitted here' };
  return { ok: false, reason: 'ptrace is not permitted here: the program ran untraced' };
}

export function waitBlocking(pid: number): number {
  const { status } = theSpawner();
  must(libc().waitpid(pid, status.address, WALL), 'waitpid');
  return status.view.getInt32(0, true);
}

/** What started programs have written since the last call. */
export function takeOutput(): Uint8Array {
  const { readEnd, buffer } = theSpawner().output;
  const parts: Uint8Array[] = [];
  for (;;) {
    const length = libc().read(readEnd, buffer.address, BUFFER_SIZE);
    if (length <= 0) return Buffer.concat(parts);
    parts.push(new Uint8Array(buffer.view.buffer, buffer.view.byteOffset, length).slice());
  }
}

/** Path of the probe program (launcher.ts). */
export function probePath(): string {
  return theSpawner().probe;
}
