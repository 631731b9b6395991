import { findProcess, isAlive, type Kernel, threadsOf } from '../kernel.js';
import type { Vma } from '../mm/types.js';
import { type SignalSet, signalSet, union } from '../sigset.js';
import type { Process, Task } from '../state.js';
import type { FileObject } from './types.js';

/**
 * Files of /proc/PID as C libraries and programs read them (proc(5); fs/proc/task_mmu.c, array.c, base.c). The content is made
 * when a file is opened. What is not counted, such as times and faults, is 0.
 */

type Entry = Extract<FileObject, { kind: 'regular' | 'directory' }>;

const FILES = ['cmdline', 'comm', 'maps', 'stat', 'status'] as const;

/** What is at a path below /proc, made anew at every look; its id is 0. Null when there is nothing. */
export function procEntry(kernel: Kernel, path: string): Entry | null {
  if (procChildren(kernel, path) !== null) return { kind: 'directory', id: 0, path, links: 1 };
  const [, pid = '', , tid = pid, name = ''] = /^\/proc\/(\d+)(\/task\/(\d+))?\/(\w+)$/.exec(path) ?? [];
  const process = findProcess(kernel, Number(pid));
  const task = kernel.state.tasks.find((one) => one.tid === Number(tid) && one.pid === process?.pid);
  const text = process && task && contentOf(kernel, process, task, name);
  if (text === undefined || text === null) return null;
  return { kind: 'regular', id: 0, path, links: 1, mode: 0o444, data: Buffer.from(text, 'latin1') };
}

/** Names in a directory below /proc; null for what is none. */
export function procChildren(kernel: Kernel, path: string): readonly string[] | null {
  if (path === '/proc') return kernel.state.processes.flatMap((one) => (one.reaped ? [] : [`${one.pid}`]));
  const [, pid = '', task, tid] = /^\/proc\/(\d+)(\/task(?:\/(\d+))?)?$/.exec(path) ?? [];
  if (findProcess(kernel, Number(pid)) === undefined) return null;
  if (task === undefined) return [...FILES, 'task'];
  const tids = threadsOf(kernel, Number(pid)).map((one) => `${one.tid}`);
  if (tid === undefined) return tids;
  return tids.includes(tid) ? FILES : null;
}

function contentOf(kernel: Kernel, process: Process, thread: Task, name: string): string | null {
  switch (name) {
    case 'cmdline':
      return process.program.args.map((arg) => `${arg}\0`).join('');
    case 'comm':
      return `${commOf(process)}\n`;
    case 'maps':
      return process.exit === null ? process.mm.vmas.map(mapsLine).join('') : '';
    case 'stat':
      return statLine(kernel, process, thread);
    case 'status':
      return statusText(kernel, process, thread);
    default:
      return null;
  }
}

/** The first 15 bytes of the program's file name. */
function commOf({ program }: Process): string {
  return program.path.slice(program.path.lastIndexOf('/') + 1).slice(0, 15);
}

/** `start-end rwxp offset device inode`, then the name in column 73. */
function mapsLine({ start, end, protection, shared, name }: Vma): string {
  const hex = (address: number) => address.toString(16).padStart(8, '0');
  const flags = `${protection & 1 ? 'r' : '-'}${protection & 2 ? 'w' : '-'}${protection & 4 ? 'x' : '-'}${shared ? 's' : 'p'}`;
  const line = `${hex(start)}-${hex(end)} ${flags} ${hex(shared === undefined ? 0 : start - shared.origin)} 00:00 0 `;
  return name === '' ? `${line}\n` : `${line.padEnd(49)}${name}\n`;
}

function stateOf(process: Process, task: Task): string {
  if (process.exit !== null || !isAlive(task)) return 'Z';
  if (task.stopped) return 'T';
  return task.phase.kind === 'asleep' ? (task.phase.wait.interruptible ? 'S' : 'D') : 'R';
}

/** The 52 fields of proc(5): those known are filled in. */
function statLine(kernel: Kernel, process: Process, task: Task): string {
  const { mm } = process;
  const stack = mm.vmas.find(({ name }) => name === '[stack]');
  const fields = Array<number | string>(52).fill(0);
  const known: readonly (readonly [number, number | string])[] = [
    [1, task.tid],
    [2, `(${commOf(process)})`],
    [3, stateOf(process, task)],
    [4, process.parent],
    [5, process.group],
    [6, process.session],
    [8, -1],
    [18, 20],
    [20, threadsOf(kernel, process.pid).length],
    [22, Math.floor(kernel.state.now / 10_000_000)],
    [23, mm.vmas.reduce((sum, { start, end }) => sum + end - start, 0)],
    [25, 0xffffffff],
    [28, stack?.end ?? 0],
    [38, process.exitSignal],
    [47, mm.startBrk],
  ];
  for (const [field, value] of known) fields[field - 1] = value;
  return `${fields.join(' ')}\n`;
}

const STATE_NAMES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'disk sleep',
  T: 'stopped',
  Z: 'zombie',
};

function maskText(set: SignalSet): string {
  return set.high.toString(16).padStart(8, '0') + set.low.toString(16).padStart(8, '0');
}

function setOf(process: Process, has: (handler: number) => boolean): SignalSet {
  return process.actions.reduce<SignalSet>(
    (set, { handler }, i) =>
      has(handler) ? union(set, i < 32 ? signalSet(1 << i, 0) : signalSet(0, 1 << (i - 32))) : set,
    signalSet(0, 0),
  );
}

function statusText(kernel: Kernel, process: Process, task: Task): string {
  const state = stateOf(process, task);
  const pages = process.mm.vmas.reduce((sum, { start, end }) => sum + end - start, 0) / 1024;
  const queued = process.pending.infos.length + task.pending.infos.length;
  const lines: readonly (readonly [string, string | number])[] = [
    ['Name', commOf(process)],
    ['Umask', `0${process.umask.toString(8).padStart(3, '0')}`],
    ['State', `${state} (${STATE_NAMES[state] ?? ''})`],
    ['Tgid', process.pid],
    ['Ngid', 0],
    ['Pid', task.tid],
    ['PPid', process.parent],
    ['TracerPid', 0],
    ['Uid', '0\t0\t0\t0'],
    ['Gid', '0\t0\t0\t0'],
    ['FDSize', Math.max(64, process.fds.length)],
    ['VmSize', `${String(pages).padStart(8)} kB`],
    ['Threads', threadsOf(kernel, process.pid).length],
    ['SigQ', `${queued}/1024`],
    ['SigPnd', maskText(task.pending.set)],
    ['ShdPnd', maskText(process.pending.set)],
    ['SigBlk', maskText(task.blocked)],
    ['SigIgn', maskText(setOf(process, (handler) => handler === 1))],
    ['SigCgt', maskText(setOf(process, (handler) => handler > 1))],
  ];
  return lines.map(([name, value]) => `${name}:\t${value}\n`).join('');
}
