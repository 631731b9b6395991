import { errno } from '../abi/errno.js';
import type { Kernel } from '../kernel.js';
import type { Task, TlsEntry } from '../state.js';
import { readWords, writeUserU32 } from '../user.js';

/** Thread-local storage descriptors (arch/x86/kernel/tls.c, asm/ldt.h: struct user_desc). */
export const NO_TLS: TlsEntry = { low: 0, high: 0 };

interface UserDesc {
  readonly entry: number;
  readonly base: number;
  readonly limit: number;
  readonly flags: number;
}

/** First of the three GDT TLS entries (asm/segment.h: GDT_ENTRY_TLS_MIN). */
export function firstTlsEntry(kernel: Kernel): number {
  return kernel.config.flavour === 'amd64' ? 12 : 6;
}

function readUserDesc(kernel: Kernel, task: Task, address: number): UserDesc | null {
  const words = readWords(kernel, task, address, 4);
  if (words === null) return null;
  const [entry = 0, base = 0, limit = 0, flags = 0] = words;
  return { entry, base, limit, flags };
}

const SEG_32BIT = 1;
const READ_EXEC_ONLY = 8;
const LIMIT_IN_PAGES = 16;
const SEG_NOT_PRESENT = 32;
const USEABLE = 64;

function isEmptyDesc(d: UserDesc): boolean {
  const cleared = d.flags === (READ_EXEC_ONLY | SEG_NOT_PRESENT);
  return d.base === 0 && d.limit === 0 && (cleared || d.flags === 0);
}

/** fill_ldt: a data or code segment of ring 3. */
export function descriptor(base: number, limit: number, flags: number): TlsEntry {
  const contents = (flags >> 1) & 3;
  const type = ((flags & READ_EXEC_ONLY ? 0 : 1) << 1) | (contents << 2) | 1;
  const present = flags & SEG_NOT_PRESENT ? 0 : 1;
  const low = ((base & 0xffff) << 16) | (limit & 0xffff);
  const high =
    (base & 0xff000000) |
    ((base >>> 16) & 0xff) |
    (type << 8) |
    (1 << 12) |
    (3 << 13) |
    (present << 15) |
    (limit & 0xf0000) |
    ((flags & USEABLE ? 1 : 0) << 20) |
    ((flags & SEG_32BIT) << 22) |
    ((flags & LIMIT_IN_PAGES ? 1 : 0) << 23);
  return { low: low >>> 0, high: high >>> 0 };
}

/**
 * set_thread_area(2) for `task`, 0 or a negative error number. With entry_number -1 a free entry is chosen and written
 * back; clone(CLONE_SETTLS) does not choose.
 */
export function setThreadArea(
  kernel: Kernel,
  caller: Task,
  task: Task,
  address: number,
  choose: boolean,
): number {
  const desc = readUserDesc(kernel, caller, address);
  if (desc === null) return -errno.EFAULT;
  const first = firstTlsEntry(kernel);
  let index = desc.entry - first;
  if (desc.entry === 0xffffffff && choose) {
    index = task.tls.findIndex((entry) => entry.low === 0 && entry.high === 0);
    if (index < 0) return -errno.ESRCH;
    if (!writeUserU32(kernel, caller, address, first + index)) return -errno.EFAULT;
  }
  if (index < 0 || index > 2) return -errno.EINVAL;
  if ((desc.flags & SEG_32BIT) === 0 && !isEmptyDesc(desc)) return -errno.EINVAL;
  const entry = isEmptyDesc(desc) ? NO_TLS : descriptor(desc.base, desc.limit, desc.flags);
  const [a, b, c] = task.tls;
  task.tls = index === 0 ? [entry, b, c] : index === 1 ? [a, entry, c] : [a, b, entry];
  return 0;
}

/** Puts a task's entries into the GDT: at a context switch and after set_thread_area. */
export function loadTls(kernel: Kernel, task: Task): void {
  const [a, b, c] = task.tls;
  kernel.machine.setTlsEntry(0, a.low, a.high);
  kernel.machine.setTlsEntry(1, b.low, b.high);
  kernel.machine.setTlsEntry(2, c.low, c.high);
}
