import { errno } from '../abi/errno.js';
import { type Kernel, log, newId, processOf } from '../kernel.js';
import type { FdEntry, Process, Task } from '../state.js';
import { wakeEdges } from './edges.js';
import { dropLocks } from './locks.js';
import type { FileObject, OpenFile } from './types.js';

/** Descriptor tables, open files and the objects behind them (fs/file.c). */

/** RLIMIT_NOFILE's usual soft limit. */
export const FD_LIMIT = 1024;

export function findFile(kernel: Kernel, task: Task, fd: number): OpenFile | undefined {
  const entry = processOf(kernel, task).fds[fd];
  return entry == null ? undefined : openFile(kernel, entry.file);
}

export function openFile(kernel: Kernel, id: number): OpenFile | undefined {
  return kernel.state.openFiles.find((file) => file.id === id);
}

export function findObject(kernel: Kernel, file: OpenFile): FileObject {
  return objectById(kernel, file.object);
}

export function objectById(kernel: Kernel, id: number): FileObject {
  const object = kernel.state.objects.find((candidate) => candidate.id === id);
  if (object === undefined) throw new Error(`there is no file object ${id}`);
  return object;
}

export function addObject<T extends FileObject>(kernel: Kernel, make: (id: number) => T): T {
  const object = make(newId(kernel));
  kernel.state.objects = [...kernel.state.objects, object];
  return object;
}

/** A new open file without a descriptor yet. */
export function addOpenFile(
  kernel: Kernel,
  file: Pick<OpenFile, 'object' | 'access' | 'flags' | 'path'>,
): OpenFile {
  const fresh = { ...file, id: newId(kernel), offset: 0, references: 0 };
  kernel.state.openFiles = [...kernel.state.openFiles, fresh];
  return fresh;
}

function setFd(process: Process, fd: number, entry: FdEntry | null): void {
  const fds = process.fds.slice();
  while (fds.length < fd) fds.push(null);
  fds[fd] = entry;
  process.fds = fds;
}

/** The lowest free descriptor >= `from` for the file, or a negative error number. */
export function installFd(
  kernel: Kernel,
  task: Task,
  file: OpenFile,
  closeOnExec: boolean,
  from = 0,
): number {
  const process = processOf(kernel, task);
  let fd = from;
  while (process.fds[fd] != null) fd++;
  if (fd >= FD_LIMIT) return -errno.EMFILE;
  setFd(process, fd, { file: file.id, closeOnExec });
  file.references++;
  return fd;
}

/** Logs that a call made a descriptor: an effect a cancellation must not throw away. */
export function logDescriptor(kernel: Kernel, task: Task, nr: number, fd: number): void {
  log(kernel, { kind: 'effect', tid: task.tid, nr, effect: { kind: 'descriptor', fd } });
}

export function setCloseOnExec(kernel: Kernel, task: Task, fd: number, closeOnExec: boolean): void {
  const process = processOf(kernel, task);
  const entry = process.fds[fd];
  if (entry != null) setFd(process, fd, { ...entry, closeOnExec });
}

export function replaceFd(
  kernel: Kernel,
  task: Task,
  file: OpenFile,
  fd: number,
  closeOnExec: boolean,
): number {
  if (fd >= FD_LIMIT) return -errno.EBADF;
  closeFd(kernel, processOf(kernel, task), fd);
  setFd(processOf(kernel, task), fd, { file: file.id, closeOnExec });
  file.references++;
  return fd;
}

/** False when it was not open. */
export function closeFd(kernel: Kernel, process: Process, fd: number): boolean {
  const entry = process.fds[fd];
  if (entry == null) return false;
  setFd(process, fd, null);
  releaseEntry(kernel, process, entry);
  return true;
}

export function closeAll(kernel: Kernel, process: Process): void {
  const open = process.fds;
  process.fds = open.map(() => null);
  for (const entry of open) if (entry !== null) releaseEntry(kernel, process, entry);
}

/** A descriptor is closed: all record locks of the process on that file go with it (filp_close). */
function releaseEntry(kernel: Kernel, { pid }: Process, { file }: FdEntry): void {
  const object = openFile(kernel, file)?.object;
  if (object !== undefined) dropLocks(kernel, { kind: 'process', id: pid }, object);
  dropReference(kernel, file);
}

/** The last reference closes the open file; messages in flight to a socket that is gone give theirs back too. */
export function dropReference(kernel: Kernel, id: number): void {
  const file = openFile(kernel, id);
  if (file === undefined || --file.references > 0) return;
  kernel.state.openFiles = kernel.state.openFiles.filter((other) => other !== file);
  dropLocks(kernel, { kind: 'file', id }, file.object);
  const object = findObject(kernel, file);
  if (object.kind === 'pipe') wakeEdges(kernel, object.id, 'gone');
  if (object.kind === 'socket' && !isOpen(kernel, object.id)) closeSocket(kernel, object);
}

/** What was not read is lost; connections that nobody accepted are reset (unix_release_sock). */
function closeSocket(kernel: Kernel, socket: Extract<FileObject, { kind: 'socket' }>): void {
  const peer = socket.peer === null ? undefined : objectById(kernel, socket.peer);
  wakeEdges(kernel, socket.peer, 'gone');
  const lost = socket.inbox.length > 0 && socket.type !== 'datagram';
  if (lost && peer?.kind === 'socket') peer.error = errno.ECONNRESET;
  for (const message of socket.inbox) for (const carried of message.files) dropReference(kernel, carried);
  socket.inbox = [];
  const { arriving } = socket;
  socket.arriving = [];
  for (const id of arriving) {
    const end = objectById(kernel, id);
    const client = end.kind === 'socket' && end.peer !== null ? objectById(kernel, end.peer) : undefined;
    if (client?.kind === 'socket') client.error = errno.ECONNRESET;
    if (end.kind === 'socket') closeSocket(kernel, end);
  }
}

/** Whether any open file (with the access, if given) refers to the object: pipes ask for their other end. */
export function isOpen(kernel: Kernel, object: number, access?: number): boolean {
  return kernel.state.openFiles.some(
    (file) => file.object === object && (access === undefined || file.access === access || file.access === 2),
  );
}
