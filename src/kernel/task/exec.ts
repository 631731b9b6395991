import { errno } from '../abi/errno.js';
import { SIG_IGN } from '../abi/signals.js';
import { closeFd } from '../fs/descriptors.js';
import { type LookUp, lookUp, normalise } from '../fs/tree.js';
import { type ExecRequest, type Kernel, log, processOf } from '../kernel.js';
import { dropUnused, enterSpace, newSpace } from '../mm/spaces.js';
import type { Mm } from '../mm/types.js';
import { NO_ALT_STACK } from '../signal/altstack.js';
import { userSelectors } from '../signal/frame.js';
import { DEFAULT_ACTION, type Process, type Task } from '../state.js';
import { endOtherThreads, releaseMemory } from './exit.js';
import { loadTls, NO_TLS } from './tls.js';

/** execve(2) (fs/exec.c, fs/binfmt_elf.c, fs/binfmt_script.c). Memory and stack are made by the kernel's `execute`. */
type Resolved =
  | { readonly ok: true; readonly request: ExecRequest }
  | { readonly ok: false; readonly error: number };

/** Scripts whose interpreter is a script (fs/exec.c: exec_binprm). */
const SCRIPT_DEPTH = 5;

/** The program to be loaded for a path: a script's interpreter with the script's path among its arguments. */
export function resolveProgram(kernel: Kernel, task: Task, request: Omit<ExecRequest, 'file'>): Resolved {
  let { path, args } = request;
  const { env } = request;
  for (let depth = 0; depth <= SCRIPT_DEPTH; depth++) {
    const found: LookUp = lookUp(kernel, normalise(processOf(kernel, task).cwd, path));
    if (!found.ok) return found;
    const { entry } = found;
    if (entry.kind !== 'regular' || (entry.mode & 0o111) === 0) return { ok: false, error: errno.EACCES };
    const script = scriptLine(entry.data);
    if (script === null) return { ok: true, request: { path: entry.path, file: entry.data, args, env } };
    if (script.length === 0) return { ok: false, error: errno.ENOEXEC };
    args = [...script, path, ...args.slice(1)];
    path = script[0] ?? '';
  }
  return { ok: false, error: errno.ELOOP };
}

/** `#! interpreter [one argument]`; null for what is no script. */
function scriptLine(data: Uint8Array): string[] | null {
  const LIMIT = 256;
  const head = Buffer.from(data.subarray(0, LIMIT)).toString('latin1');
  if (!head.startsWith('#!')) return null;
  const line = (head.slice(2).split('\n')[0] ?? '').trim();
  const [, interpreter = '', argument = ''] = /^(\S*)\s*(.*)$/s.exec(line) ?? [];
  return interpreter === '' ? [] : argument === '' ? [interpreter] : [interpreter, argument];
}

/** 0 with the task at the new program's first instruction, or a negative error number with nothing changed. */
export function execProgram(kernel: Kernel, task: Task, request: ExecRequest): number {
  if (task.tid !== task.pid) {
    log(kernel, { kind: 'unmodelled', tid: task.tid, what: 'execve by another thread than the first' });
    return -errno.ENOSYS;
  }
  const load = kernel.execute(request);
  if (load === null) return -errno.ENOEXEC;
  endOtherThreads(kernel, task);
  releaseMemory(kernel, task);
  const process = processOf(kernel, task);
  const old = process.mm;
  const blank: Mm = { id: newSpace(kernel), vmas: [], startBrk: 0, brk: 0 };
  enterSpace(kernel, old, blank);
  const made = load();
  process.mm = { ...made.mm, id: blank.id };
  process.vfork = false;
  process.program = { path: request.path, args: request.args, executed: true };
  dropUnused(kernel, old);
  freshProcess(kernel, process);
  freshTask(kernel, task, made.entry, made.esp);
  return 0;
}

/** Handlers are gone, ignored signals stay ignored; descriptors marked so are closed; POSIX timers are deleted. */
function freshProcess(kernel: Kernel, process: Process): void {
  process.actions = process.actions.map(({ handler }) =>
    handler === SIG_IGN ? { ...DEFAULT_ACTION, handler } : DEFAULT_ACTION,
  );
  for (const [fd, entry] of process.fds.entries())
    if (entry?.closeOnExec === true) closeFd(kernel, process, fd);
  kernel.state.timers = kernel.state.timers.filter(({ pid, posix }) => pid !== process.pid || !posix);
}

/** Registers as ELF_PLAT_INIT and start_thread leave them; EAX is the call's result. */
function freshTask(kernel: Kernel, task: Task, entry: number, esp: number): void {
  const { machine } = kernel;
  const { data } = userSelectors(kernel);
  task.tls = [NO_TLS, NO_TLS, NO_TLS];
  task.altStack = NO_ALT_STACK;
  task.restartBlock = null;
  task.lastTrap = { number: 0, error: 0, cr2: 0 };
  loadTls(kernel, task);
  for (const name of ['ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'] as const) machine.set(name, 0);
  machine.set('eip', entry);
  machine.set('esp', esp);
  machine.setEflags(0x202);
  for (const name of ['ds', 'es', 'ss'] as const) machine.setSegment(name, data);
  for (const name of ['fs', 'gs'] as const) machine.setSegment(name, 0);
  machine.resetFpu();
}
