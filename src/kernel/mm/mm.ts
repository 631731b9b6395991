import { errno } from '../abi/errno.js';
import { type Kernel, processOf } from '../kernel.js';
import type { Task } from '../state.js';
import { areaAt, covered, cut, findGap, insert, overlaps } from './areas.js';
import { saveShared } from './shared.js';
import { PAGE_SIZE, pageDown, pageUp, STACK_LIMIT, TASK_SIZE, type Vma } from './types.js';

/** The memory calls' work: areas in the process's state, pages in the machine. */

/** Below the vDSO and its data pages; a 32-bit program's mmap_base without randomisation. */
export const MMAP_TOP = 0xf7ff6000;

/** Lowest address user mode may map (vm.mmap_min_addr). */
const MMAP_MIN = 0x10000;

export type MapResult =
  | { readonly ok: true; readonly address: number }
  | { readonly ok: false; readonly error: number };

export interface MapRequest {
  readonly hint: number;
  readonly length: number;
  readonly protection: number;
  readonly fixed: boolean;
  readonly noReplace: boolean;
  readonly growsDown: boolean;
  readonly name: string;
  /** MAP_SHARED: the file object, and where in it the area begins. */
  readonly shared?: { readonly object: number; readonly offset: number };
}

/** Makes an area with zeroed pages. */
export function mapArea(kernel: Kernel, task: Task, request: MapRequest): MapResult {
  const length = pageUp(request.length);
  if (request.length === 0) return { ok: false, error: errno.EINVAL };
  if (length > TASK_SIZE) return { ok: false, error: errno.ENOMEM };
  const { mm } = processOf(kernel, task);
  const place = choosePlace(mm.vmas, request, length);
  if (!place.ok) return place;
  const start = place.address;
  if (request.fixed) unmapArea(kernel, task, start, length);
  const { protection, growsDown, name } = request;
  const shared = request.shared && {
    object: request.shared.object,
    origin: start - request.shared.offset,
  };
  const vma = { start, end: start + length, protection, growsDown, name };
  mm.vmas = insert(mm.vmas, shared === undefined ? vma : { ...vma, shared });
  kernel.machine.map(start, length, protection);
  return { ok: true, address: start };
}

function choosePlace(vmas: readonly Vma[], request: MapRequest, length: number): MapResult {
  const { hint } = request;
  if (request.fixed || request.noReplace) {
    if (hint % PAGE_SIZE !== 0) return { ok: false, error: errno.EINVAL };
    if (hint + length > TASK_SIZE) return { ok: false, error: errno.ENOMEM };
    if (hint < MMAP_MIN) return { ok: false, error: errno.EPERM };
    if (request.noReplace && overlaps(vmas, hint, hint + length)) return { ok: false, error: errno.EEXIST };
    return { ok: true, address: hint };
  }
  const wanted = pageDown(hint);
  const free = wanted >= MMAP_MIN && wanted + length <= TASK_SIZE && !overlaps(vmas, wanted, wanted + length);
  if (free) return { ok: true, address: wanted };
  const gap = findGap(vmas, length, MMAP_TOP);
  return gap === null ? { ok: false, error: errno.ENOMEM } : { ok: true, address: gap };
}

/** munmap: holes are fine. 0 or a negative error number. */
export function unmapArea(kernel: Kernel, task: Task, start: number, length: number): number {
  if (start % PAGE_SIZE !== 0 || length === 0 || start + length > TASK_SIZE) return -errno.EINVAL;
  const end = start + pageUp(length);
  const { mm } = processOf(kernel, task);
  saveShared(kernel, mm);
  for (const vma of mm.vmas) {
    const from = Math.max(vma.start, start);
    const to = Math.min(vma.end, end);
    if (from < to) kernel.machine.unmap(from, to - from);
  }
  mm.vmas = cut(mm.vmas, start, end);
  return 0;
}

/** mprotect: 0 or a negative error number. */
export function protectArea(
  kernel: Kernel,
  task: Task,
  start: number,
  length: number,
  protection: number,
): number {
  if (start % PAGE_SIZE !== 0) return -errno.EINVAL;
  const end = start + pageUp(length);
  if (end === start) return 0;
  const { mm } = processOf(kernel, task);
  // What lies before a hole is changed all the same.
  const parts = covered(mm.vmas, start, end);
  const reached = parts.at(-1)?.end ?? start;
  if (reached > start) {
    mm.vmas = parts.reduce<readonly Vma[]>(
      (vmas, part) => insert(vmas, { ...part, protection }),
      cut(mm.vmas, start, reached),
    );
    kernel.machine.protect(start, reached - start, protection);
  }
  return reached < end ? -errno.ENOMEM : 0;
}

/** brk: the new break, or the old one when it cannot be moved. */
export function setBreak(kernel: Kernel, task: Task, wanted: number): number {
  const { mm } = processOf(kernel, task);
  if (wanted < mm.startBrk || wanted > TASK_SIZE) return mm.brk;
  const from = pageUp(mm.brk);
  const to = pageUp(wanted);
  if (to > from) {
    if (overlaps(mm.vmas, from, to)) return mm.brk;
    mm.vmas = insert(mm.vmas, { start: from, end: to, protection: 3, growsDown: false, name: '[heap]' });
    kernel.machine.map(from, to - from, 3);
  } else if (to < from) {
    unmapArea(kernel, task, to, from - to);
  }
  mm.brk = wanted;
  return wanted;
}

/** mremap with MREMAP_MAYMOVE or in place; the new address or a negative error number. */
export function remapArea(
  kernel: Kernel,
  task: Task,
  old: { start: number; length: number },
  newLength: number,
  mayMove: boolean,
): number {
  const { mm } = processOf(kernel, task);
  const from = pageUp(old.length);
  const to = pageUp(newLength);
  const vma = areaAt(mm.vmas, old.start);
  if (old.start % PAGE_SIZE !== 0 || to === 0) return -errno.EINVAL;
  if (vma === undefined || old.start + from > vma.end) return -errno.EFAULT;
  if (to <= from) {
    if (to < from) unmapArea(kernel, task, old.start + to, from - to);
    return old.start;
  }
  const end = old.start + from;
  if (vma.end === end && !overlaps(mm.vmas, end, old.start + to) && old.start + to <= TASK_SIZE) {
    mm.vmas = insert(mm.vmas, { ...vma, start: end, end: old.start + to });
    kernel.machine.map(end, to - from, vma.protection);
    return old.start;
  }
  if (!mayMove) return -errno.ENOMEM;
  return moveArea(kernel, task, vma, old.start, from, to);
}

function moveArea(kernel: Kernel, task: Task, vma: Vma, start: number, from: number, to: number): number {
  const { protection, growsDown, name, shared } = vma;
  const place = { hint: 0, length: to, protection, fixed: false, noReplace: false, growsDown, name };
  const request =
    shared === undefined
      ? place
      : { ...place, shared: { object: shared.object, offset: start - shared.origin } };
  const moved = mapArea(kernel, task, request);
  if (!moved.ok) return -moved.error;
  const content = kernel.machine.read(start, from);
  if (content !== null) kernel.machine.write(moved.address, content);
  unmapArea(kernel, task, start, from);
  return moved.address;
}

/** Bytes by which a stack grows at least, where there is room: a page at a time would be thousands of mappings. */
const STACK_STEP = 1 << 16;

/**
 * A page fault below a stack that may grow: extends it (mm/mmap.c: expand_stack). True when the access can be tried again.
 */
export function growStack(kernel: Kernel, task: Task, address: number): boolean {
  const { mm } = processOf(kernel, task);
  const vma = mm.vmas.find((candidate) => candidate.start > address);
  if (vma === undefined || !vma.growsDown) return false;
  const top = mm.vmas.find((candidate) => candidate.name === '[stack]')?.end ?? vma.end;
  const fits = (start: number) => top - start <= STACK_LIMIT && !overlaps(mm.vmas, start, vma.start);
  const page = pageDown(address);
  if (!fits(page)) return false;
  const step = address - (address % STACK_STEP);
  const start = fits(step) ? step : page;
  mm.vmas = [...cut(mm.vmas, vma.start, vma.end), { ...vma, start }].sort((a, b) => a.start - b.start);
  kernel.machine.map(start, vma.start - start, vma.protection);
  return true;
}
