import { errno, restart } from '../abi/errno.js';
import { done, type Outcome, sleepInterruptibly } from '../outcome.js';
import { isOpen } from './descriptors.js';
import { brokenPipe, logBytes, type Store, type Transfer } from './transfer.js';
import { type FileObject, O_NONBLOCK, O_WRONLY, type PipeBuffer } from './types.js';

/**
 * Pipes (fs/pipe.c): a ring of 16 buffers of a page each. What counts as room is a free buffer, not a free byte: after one
 * byte was read from a full pipe it is still full. A write adds to the last buffer only the part that does not fill pages.
 */
type Pipe = Extract<FileObject, { kind: 'pipe' }>;

const BUFFERS = 16;
const PAGE = 4096;

export function pipeBytes(pipe: Pipe): number {
  return pipe.buffers.reduce((sum, { bytes, from }) => sum + bytes.length - from, 0);
}

/** Whether a writer need not sleep. */
export function hasRoom(pipe: Pipe): boolean {
  return pipe.buffers.length < BUFFERS;
}

export function readPipe(t: Transfer, pipe: Pipe, length: number, store: Store): Outcome {
  if (length === 0) return done(0);
  if (pipe.buffers.length > 0) {
    const { taken, rest } = take(pipe.buffers, length);
    if (!store(taken)) return done(-errno.EFAULT);
    pipe.buffers = rest;
    logBytes(t, 'consumed', taken.length);
    return done(taken.length);
  }
  if (!isOpen(t.kernel, pipe.id, O_WRONLY)) return done(0);
  if ((t.file.flags & O_NONBLOCK) !== 0) return done(-errno.EAGAIN);
  return sleepInterruptibly(t.task, {
    until: { kind: 'readable', file: t.file.id },
    interrupted: -restart.ERESTARTSYS,
  });
}

function take(buffers: readonly PipeBuffer[], length: number): { taken: Uint8Array; rest: PipeBuffer[] } {
  const parts: Uint8Array[] = [];
  const rest: PipeBuffer[] = [];
  let left = length;
  for (const buffer of buffers) {
    const part = buffer.bytes.subarray(buffer.from, buffer.from + left);
    left -= part.length;
    if (part.length > 0) parts.push(part);
    const from = buffer.from + part.length;
    if (from < buffer.bytes.length) rest.push({ bytes: buffer.bytes, from });
  }
  return { taken: Buffer.concat(parts), rest };
}

/**
 * A write that found room for a part only goes on when there is more; a signal then leaves a short count. `bytes` is what can
 * be read of the `length` to write: a page that would be filled from beyond is not added, and what was before it counts.
 */
export function writePipe(t: Transfer, pipe: Pipe, bytes: Uint8Array, length: number): Outcome {
  if (length === 0) return done(0);
  const before = t.call.progress?.done ?? 0;
  if (!isOpen(t.kernel, pipe.id, 0)) {
    const broken = brokenPipe(t);
    return before > 0 ? done(before) : broken;
  }
  const rest = bytes.subarray(before);
  const left = length - before;
  const merged = t.call.progress === null ? merge(pipe, rest, left) : 0;
  if (merged === null) return done(-errno.EFAULT);
  const added = merged + fill(pipe, rest.subarray(merged), left - merged);
  if (added > 0) logBytes(t, 'produced', added);
  const total = before + added;
  if (total === length) return done(total);
  if (hasRoom(pipe)) return done(total > 0 ? total : -errno.EFAULT);
  if ((t.file.flags & O_NONBLOCK) !== 0) return done(total > 0 ? total : -errno.EAGAIN);
  return sleepInterruptibly(t.task, {
    until: { kind: 'writable', file: t.file.id },
    progress: { done: total },
    interrupted: total > 0 ? total : -restart.ERESTARTSYS,
  });
}

/** Bytes put into the last buffer's page: what is over whole pages, if it all fits; null where it cannot be read. */
function merge(pipe: Pipe, bytes: Uint8Array, length: number): number | null {
  const last = pipe.buffers.at(-1);
  const over = length % PAGE;
  if (last === undefined || over === 0 || last.bytes.length + over > PAGE) return 0;
  if (bytes.length < over) return null;
  const joined = Buffer.concat([last.bytes, bytes.subarray(0, over)]);
  pipe.buffers = [...pipe.buffers.slice(0, -1), { bytes: joined, from: last.from }];
  return over;
}

/** Bytes put into free buffers: whole pages and the last part, as far as they can be read. */
function fill(pipe: Pipe, bytes: Uint8Array, length: number): number {
  const readable = bytes.length === length ? Math.ceil(length / PAGE) : Math.floor(bytes.length / PAGE);
  const pages = Math.min(readable, BUFFERS - pipe.buffers.length);
  const fresh = Array.from({ length: pages }, (_, i) => ({
    bytes: bytes.slice(i * PAGE, (i + 1) * PAGE),
    from: 0,
  }));
  if (pages > 0) pipe.buffers = [...pipe.buffers, ...fresh];
  return Math.min(bytes.length, pages * PAGE);
}
