import { type Kernel, processOf } from './kernel.js';
import type { Vma } from './mm/types.js';
import type { Task } from './state.js';

/**
 * Access to user memory as copy_from_user and copy_to_user do it: checked against the areas of the process, never faulting
 * the model. null or false is the caller's EFAULT.
 */
const READ = 1;
const WRITE = 2;

/** True when every byte of the range lies in areas that have the permission. */
export function accessible(
  vmas: readonly Vma[],
  address: number,
  length: number,
  permission: number,
): boolean {
  const end = address + length;
  let at = address;
  for (const vma of vmas) {
    if (at >= end) break;
    if (vma.end <= at) continue;
    if (vma.start > at || (vma.protection & permission) === 0) return false;
    at = vma.end;
  }
  return at >= end;
}

export function readUser(kernel: Kernel, task: Task, address: number, length: number): Uint8Array | null {
  if (length === 0) return new Uint8Array(0);
  // On i386 whatever can be written or executed can also be read; PROT_NONE cannot.
  if (!accessible(processOf(kernel, task).mm.vmas, address, length, READ | WRITE | 4)) return null;
  return kernel.machine.read(address, length);
}

/** What can be read from `address` on, up to the first byte that cannot: a copy that ends early. */
export function readUserPrefix(kernel: Kernel, task: Task, address: number, length: number): Uint8Array {
  const whole = readUser(kernel, task, address, length);
  if (whole !== null) return whole;
  const { vmas } = processOf(kernel, task).mm;
  let end = address;
  for (const vma of vmas) {
    if (vma.end <= end) continue;
    if (vma.start > end || (vma.protection & (READ | WRITE | 4)) === 0) break;
    end = Math.min(vma.end, address + length);
  }
  return readUser(kernel, task, address, end - address) ?? new Uint8Array(0);
}

/** Like readUser, for a look before anything is stored: the bytes may be the memory itself. */
export function viewUser(kernel: Kernel, task: Task, address: number, length: number): Uint8Array | null {
  if (!accessible(processOf(kernel, task).mm.vmas, address, length, READ | WRITE | 4)) return null;
  return kernel.machine.view(address, length) ?? kernel.machine.read(address, length);
}

export function writeUser(kernel: Kernel, task: Task, address: number, bytes: Uint8Array): boolean {
  if (bytes.length === 0) return true;
  if (!accessible(processOf(kernel, task).mm.vmas, address, bytes.length, WRITE)) return false;
  return kernel.machine.write(address, bytes);
}

export function readUserU32(kernel: Kernel, task: Task, address: number): number | null {
  if (!accessible(processOf(kernel, task).mm.vmas, address, 4, READ | WRITE | 4)) return null;
  return kernel.machine.readU32(address);
}

export function writeUserU32(kernel: Kernel, task: Task, address: number, value: number): boolean {
  if (!accessible(processOf(kernel, task).mm.vmas, address, 4, WRITE)) return false;
  return kernel.machine.writeU32(address, value);
}

/** Several little-endian words, null when any of them cannot be read. */
export function readWords(kernel: Kernel, task: Task, address: number, count: number): number[] | null {
  const { vmas } = processOf(kernel, task).mm;
  if (count > 0 && !accessible(vmas, address, 4 * count, READ | WRITE | 4)) return null;
  const words: number[] = [];
  for (let i = 0; i < count; i++) {
    const word = kernel.machine.readU32(address + 4 * i);
    if (word === null) return null;
    words.push(word);
  }
  return words;
}

export function writeWords(kernel: Kernel, task: Task, address: number, words: readonly number[]): boolean {
  const { vmas } = processOf(kernel, task).mm;
  if (words.length > 0 && !accessible(vmas, address, 4 * words.length, WRITE)) return false;
  return words.every((word, i) => kernel.machine.writeU32(address + 4 * i, word));
}

export function wordsToBytes(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => {
    view.setUint32(4 * i, word >>> 0, true);
  });
  return bytes;
}

const PATH_MAX = 4096;

/** A NUL-terminated string of fewer than `limit` bytes; null when it cannot be read, 'too-long' without a NUL. */
export function readString(
  kernel: Kernel,
  task: Task,
  address: number,
  limit = PATH_MAX,
): string | null | 'too-long' {
  const parts: number[] = [];
  for (let at = address; parts.length < limit; ) {
    const chunk = Math.min(64 - (at % 64), limit - parts.length);
    const bytes = readUser(kernel, task, at, chunk);
    if (bytes === null) return null;
    const end = bytes.indexOf(0);
    parts.push(...(end < 0 ? bytes : bytes.subarray(0, end)));
    if (end >= 0) return Buffer.from(parts).toString('latin1');
    at += chunk;
  }
  return 'too-long';
}
