import { PAGE_SIZE, type Vma } from './types.js';

/** Pure operations on the sorted list of areas (mm/mmap.c: split, merge, find a gap). */

/** The areas without [start, end); areas at the borders are cut. */
export function cut(vmas: readonly Vma[], start: number, end: number): Vma[] {
  const out: Vma[] = [];
  for (const vma of vmas) {
    if (vma.end <= start || vma.start >= end) {
      out.push(vma);
      continue;
    }
    if (vma.start < start) out.push({ ...vma, end: start });
    if (vma.end > end) out.push({ ...vma, start: end });
  }
  return out;
}

/** Adds an area in a free range, merged with equal neighbours as the kernel merges anonymous ones. */
export function insert(vmas: readonly Vma[], vma: Vma): Vma[] {
  return merge([...vmas, vma].sort((a, b) => a.start - b.start));
}

function merge(sorted: readonly Vma[]): Vma[] {
  const out: Vma[] = [];
  for (const vma of sorted) {
    const last = out.at(-1);
    const same =
      last !== undefined &&
      last.end === vma.start &&
      last.protection === vma.protection &&
      last.name === vma.name &&
      last.shared?.object === vma.shared?.object &&
      last.shared?.origin === vma.shared?.origin &&
      !last.growsDown &&
      !vma.growsDown;
    if (same && (vma.name === '' || vma.name === '[heap]')) out[out.length - 1] = { ...last, end: vma.end };
    else out.push(vma);
  }
  return out;
}

/** The parts of [start, end) that areas cover, each cut to the range, up to the first hole. */
export function covered(vmas: readonly Vma[], start: number, end: number): Vma[] {
  const parts: Vma[] = [];
  let at = start;
  for (const vma of vmas) {
    if (vma.end <= at || vma.start >= end) continue;
    if (vma.start > at) break;
    parts.push({ ...vma, start: at, end: Math.min(vma.end, end) });
    at = Math.min(vma.end, end);
  }
  return parts;
}

export function areaAt(vmas: readonly Vma[], address: number): Vma | undefined {
  return vmas.find((vma) => address >= vma.start && address < vma.end);
}

export function overlaps(vmas: readonly Vma[], start: number, end: number): boolean {
  return vmas.some((vma) => vma.start < end && vma.end > start);
}

/** Highest free range of `length` bytes below `top`: mmap goes top-down. Null when there is none above one page. */
export function findGap(vmas: readonly Vma[], length: number, top: number): number | null {
  let end = top;
  for (const vma of [...vmas].reverse()) {
    if (vma.start >= end) continue;
    if (vma.end + length <= end) break;
    end = Math.min(end, vma.start);
  }
  const start = end - length;
  return start >= PAGE_SIZE * 16 ? start : null;
}
