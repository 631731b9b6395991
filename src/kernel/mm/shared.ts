import type { FileObject } from '../fs/types.js';
import type { Kernel } from '../kernel.js';
import { areaAt } from './areas.js';
import type { Mm, Vma } from './types.js';

/**
 * MAP_SHARED: every mapping of a file, and of the unnamed file behind anonymous shared memory, shows the same bytes. While
 * an address space is loaded its pages are what counts; the object's content is brought up to date when it is left, when
 * the mapping goes, and when the file is read or written.
 */
type Regular = Extract<FileObject, { kind: 'regular' }>;

interface Part {
  readonly vma: Vma;
  readonly object: Regular;
  /** Of the area's first byte in the object. */
  readonly offset: number;
  /** Bytes of the area that the object has: what lies behind its end is the mapping's own. */
  readonly length: number;
}

function partsOf(kernel: Kernel, mm: Mm, only?: number): Part[] {
  return mm.vmas.flatMap((vma): Part[] => {
    const { shared } = vma;
    if (shared === undefined || (only !== undefined && shared.object !== only)) return [];
    const object = kernel.state.objects.find(({ id }) => id === shared.object);
    if (object?.kind !== 'regular') return [];
    const offset = vma.start - shared.origin;
    const length = Math.max(0, Math.min(vma.end - vma.start, object.data.length - offset));
    return [{ vma, object, offset, length }];
  });
}

/** From the loaded pages to the objects; `only` names one of them. */
export function saveShared(kernel: Kernel, mm: Mm, only?: number): void {
  for (const { vma, object, offset, length } of partsOf(kernel, mm, only)) {
    const bytes = kernel.machine.read(vma.start, length);
    if (bytes === null || Buffer.compare(bytes, object.data.subarray(offset, offset + length)) === 0)
      continue;
    const data = object.data.slice();
    data.set(bytes, offset);
    object.data = data;
  }
}

/** From the objects to the loaded pages. */
export function showShared(kernel: Kernel, mm: Mm, only?: number): void {
  for (const { vma, object, offset, length } of partsOf(kernel, mm, only)) {
    kernel.machine.write(vma.start, object.data.subarray(offset, offset + length));
  }
}

/** What makes two addresses of two processes the same memory: an object and a place in it; undefined for private memory. */
export function sharedPlace(mm: Mm, address: number): string | undefined {
  const shared = areaAt(mm.vmas, address)?.shared;
  return shared === undefined ? undefined : `${shared.object}:${address - shared.origin}`;
}
