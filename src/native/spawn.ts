/**
 * Starting a program stopped before its first instruction. Node cannot fork safely, so posix_spawn starts the launcher
 * (launcher.ts), which asks to be traced by this thread and then becomes the program. The launcher lives in a memory file:
 * nothing is left on disk. Whatever ends this process ends the traced one (PTRACE_O_EXITKILL, PR_SET_PDEATHSIG).
 */
import { openSync, writeSync } from 'node:fs';
import { LAUNCHER_EXIT, launcherExecutable, probeExecutable } from './launcher.js';
import { type Block, block, errnoName, libc, must, WALL } from './libc.js';

/** <spawn.h>: sizes with room to spare, and the flags we set. */
const ATTRIBUTES_SIZE = 512;
const ACTIONS_SIZE = 256;
const SIGSET_SIZE = 128;
const SETSIGDEF = 4;
const SETSIGMASK = 8;
const MFD_CLOEXEC = 1;
/** Asked for since 6.3, where sysctl vm.memfd_noexec may be set; unknown before. */
const MFD_EXEC = 0x10;
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
  const { memfdCreate } = libc();
  const made = memfdCreate(name, MFD_CLOEXEC | MFD_EXEC);
  const fd = made >= 0 ? made : must(memfdCreate(name, MFD_CLOEXEC), 'memfd_create');
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
    launcher: memoryFile('sigsweep-launcher', launcherExecutable(process.pid)),
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

/** `path` for the kernel, `args` with argv[0], which is what the launcher executes. Not ok where the machine refuses it. */
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
  if (error === ENOEXEC) return { ok: false, reason: 'this kernel runs no 32-bit programs (ENOEXEC)' };
  if (error !== 0)
    return { ok: false, reason: `no 32-bit program can be started here (${errnoName(error)})` };
  return awaitExec(pid.view.getInt32(0, true), args[0] ?? '');
}

const SIGTRAP_STOP = 0x057f;

/** The first stop is the SIGTRAP after execve. */
function awaitExec(pid: number, path: string): Spawned {
  const status = waitBlocking(pid);
  if (status === SIGTRAP_STOP) return { ok: true, pid };
  if ((status & 0xff) === 0x7f) endTraced(pid);
  return { ok: false, reason: refusal(status, path) };
}

/** What the launcher's end says. */
function refusal(status: number, path: string): string {
  const stopped = (status & 0xff) === 0x7f;
  const code = (status >> 8) & 0xff;
  const sig = stopped ? code : status & 0x7f;
  if (sig !== 0)
    return `this kernel starts 32-bit programs but ends them at a system call (signal ${sig}): a seccomp filter?`;
  if (code === LAUNCHER_EXIT.personality)
    return 'address randomisation cannot be switched off: personality(2) is refused, as in many containers';
  if (code === LAUNCHER_EXIT.ptrace)
    return 'ptrace is refused: a container, kernel.yama.ptrace_scope, or a debugger that has the process already';
  return `the kernel cannot run ${path} (${errnoName(code)})`;
}

/** Ends and reaps a traced process, and ends those that it has made and that are in its group still. */
export function endTraced(pid: number): void {
  const SIGKILL = 9;
  // Before it is reaped: the number is nobody else's until then.
  libc().kill(-pid, SIGKILL);
  do libc().kill(pid, SIGKILL);
  while ((waitBlocking(pid) & 0xff) === 0x7f);
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
