import type { FileObject } from './types.js';

/** What stat calls say of an object, and the i386 layout of struct stat64 (asm/stat.h, 96 bytes) and struct statx. */
export interface Status {
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly size: number;
  readonly rdev: number;
}

const S_IFIFO = 0o010000;
const S_IFCHR = 0o020000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFSOCK = 0o140000;
const BLOCK = 4096;

const deviceMinor = { null: 3, zero: 5, full: 7, urandom: 9 } as const;

export function statusOf(object: FileObject): Status {
  const base = { inode: object.id, links: 1, size: 0, rdev: 0 };
  switch (object.kind) {
    case 'regular':
      return { ...base, mode: S_IFREG | object.mode, links: object.links, size: object.data.length };
    case 'directory':
      return { ...base, mode: S_IFDIR | 0o755, links: 2 * object.links, size: BLOCK };
    case 'device':
      return { ...base, mode: S_IFCHR | 0o666, rdev: (1 << 8) | deviceMinor[object.name] };
    case 'pipe':
    case 'stream':
      return { ...base, mode: S_IFIFO | 0o600 };
    case 'socket':
      return { ...base, mode: S_IFSOCK | 0o777 };
    case 'eventfd':
    case 'epoll':
      return { ...base, mode: 0o600 };
  }
}

const DEVICE = 1;

export function stat64Bytes(status: Status): Uint8Array {
  const bytes = new Uint8Array(96);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, DEVICE, true);
  view.setUint32(12, status.inode, true);
  view.setUint32(16, status.mode, true);
  view.setUint32(20, status.links, true);
  view.setUint32(32, status.rdev, true);
  view.setBigUint64(44, BigInt(status.size), true);
  view.setUint32(52, BLOCK, true);
  view.setBigUint64(56, BigInt(Math.ceil(status.size / 512)), true);
  view.setBigUint64(88, BigInt(status.inode), true);
  return bytes;
}

const STATX_BASIC_STATS = 0x7ff;

export function statxBytes(status: Status): Uint8Array {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, STATX_BASIC_STATS, true);
  view.setUint32(4, BLOCK, true);
  view.setUint32(16, status.links, true);
  view.setUint16(28, status.mode, true);
  view.setBigUint64(32, BigInt(status.inode), true);
  view.setBigUint64(40, BigInt(status.size), true);
  view.setBigUint64(48, BigInt(Math.ceil(status.size / 512)), true);
  view.setUint32(128, status.rdev >> 8, true);
  view.setUint32(132, status.rdev & 0xff, true);
  view.setUint32(140, DEVICE, true);
  return bytes;
}
