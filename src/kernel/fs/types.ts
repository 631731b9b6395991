/**
 * Files as plain data. Byte arrays are immutable by convention (replaced, never written into), so that copies of the state
 * share them.
 */
export interface OpenFile {
  readonly id: number;
  readonly object: number;
  /** Which end of a pipe or what access: O_RDONLY 0, O_WRONLY 1, O_RDWR 2. */
  readonly access: number;
  /** O_NONBLOCK, O_APPEND … as fcntl(F_GETFL) shows them, without the access mode. */
  flags: number;
  offset: number;
  /** Descriptors (of any process) that point here, and messages that carry it. */
  references: number;
  readonly path: string;
}

export interface EpollInterest {
  readonly fd: number;
  readonly file: number;
  readonly events: number;
  readonly data: Uint8Array;
  /** With EPOLLET alone: something has come since it was told last. */
  readonly fresh?: boolean;
}

export interface Message {
  readonly bytes: Uint8Array;
  /** Ids of open files passed by SCM_RIGHTS. */
  readonly files: readonly number[];
}

/** A page of a pipe: `bytes` from the page's start, of which the first `from` have been read. */
export interface PipeBuffer {
  readonly bytes: Uint8Array;
  readonly from: number;
}

export type FileObject =
  | { readonly kind: 'pipe'; readonly id: number; buffers: readonly PipeBuffer[] }
  /** A Unix socket; `inbox` is what this end can read. */
  | {
      readonly kind: 'socket';
      readonly id: number;
      /** The other end, null before there is one. */
      peer: number | null;
      readonly type: 'stream' | 'datagram' | 'seqpacket';
      /** The address it is bound to, without the family; null for none. */
      name: string | null;
      /** While it listens: how many connections may wait besides one. */
      backlog: number | null;
      /** Ends of connections that nobody has accepted yet. */
      arriving: readonly number[];
      /** SO_RCVTIMEO and SO_SNDTIMEO in nanoseconds, null for ever. */
      receiveTimeout: number | null;
      sendTimeout: number | null;
      inbox: readonly Message[];
      /** What the next receive or send fails with, 0 for nothing. */
      error: number;
      shutRead: boolean;
      shutWrite: boolean;
    }
  | {
      readonly kind: 'regular';
      readonly id: number;
      data: Uint8Array;
      mode: number;
      links: number;
      readonly path: string;
    }
  /** links 0: removed, but perhaps still open. */
  | { readonly kind: 'directory'; readonly id: number; readonly path: string; links: number }
  | { readonly kind: 'device'; readonly id: number; readonly name: 'null' | 'zero' | 'full' | 'urandom' }
  /** The program's own standard streams: input given beforehand, output collected. */
  | {
      readonly kind: 'stream';
      readonly id: number;
      readonly name: 'stdin' | 'stdout' | 'stderr';
      data: Uint8Array;
    }
  | { readonly kind: 'eventfd'; readonly id: number; count: bigint; readonly semaphore: boolean }
  | { readonly kind: 'epoll'; readonly id: number; interests: readonly EpollInterest[] };

export const O_WRONLY = 0o1;
export const O_RDWR = 0o2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_DIRECTORY = 0o200000;
export const O_CLOEXEC = 0o2000000;
