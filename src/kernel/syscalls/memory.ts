import { errno } from '../abi/errno.js';
import { addObject, findFile, findObject } from '../fs/descriptors.js';
import { O_WRONLY } from '../fs/types.js';
import { type Kernel, log, processOf } from '../kernel.js';
import { covered } from '../mm/areas.js';
import { mapArea, protectArea, remapArea, setBreak, unmapArea } from '../mm/mm.js';
import { saveShared } from '../mm/shared.js';
import { pageUp } from '../mm/types.js';
import { done, type Handler, type Outcome } from '../outcome.js';
import type { Task } from '../state.js';
import { readWords } from '../user.js';
import { define, type Syscall } from './define.js';

/** Memory calls (mm/mmap.c, mm/mprotect.c, mm/mremap.c). */
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_GROWSDOWN = 0x100;
const MAP_FIXED_NOREPLACE = 0x100000;
const MREMAP_MAYMOVE = 1;

interface MapArguments {
  readonly hint: number;
  readonly length: number;
  readonly protection: number;
  readonly flags: number;
  readonly fd: number;
  /** In bytes. */
  readonly offset: number;
}

function mmap(kernel: Kernel, task: Task, request: MapArguments): Outcome {
  const { flags, length, hint } = request;
  const type = flags & 3;
  if (type !== MAP_SHARED && type !== MAP_PRIVATE && type !== (MAP_SHARED | MAP_PRIVATE))
    return done(-errno.EINVAL);
  const source = sourceOf(kernel, task, request);
  if (typeof source === 'number') return done(-source);
  const result = mapArea(kernel, task, {
    hint,
    length,
    protection: request.protection & 7,
    fixed: (flags & MAP_FIXED) !== 0,
    noReplace: (flags & MAP_FIXED_NOREPLACE) !== 0,
    growsDown: (flags & MAP_GROWSDOWN) !== 0,
    name: source.name,
    ...(type === MAP_PRIVATE || source.object === null
      ? {}
      : { shared: { object: source.object, offset: request.offset } }),
  });
  if (!result.ok) return done(-result.error);
  if (source.content.length > 0) kernel.machine.write(result.address, source.content);
  return done(result.address | 0);
}

interface Source {
  readonly content: Uint8Array;
  /** What a shared mapping keeps its content in. */
  readonly object: number | null;
  readonly name: string;
}

/** What is to be mapped, or an error number. */
function sourceOf(
  kernel: Kernel,
  task: Task,
  { fd, offset, length, flags, protection }: MapArguments,
): Source | number {
  const anonymous = (flags & MAP_ANONYMOUS) !== 0;
  const file = anonymous ? undefined : findFile(kernel, task, fd);
  if (!anonymous && file === undefined) return errno.EBADF;
  const object = file === undefined ? undefined : findObject(kernel, file);
  if (file === undefined || (object?.kind === 'device' && object.name === 'zero')) {
    const shared = (flags & 3) !== MAP_PRIVATE;
    const id = shared ? unnamedFile(kernel, pageUp(length)) : null;
    return { content: new Uint8Array(0), object: id, name: shared ? '/dev/zero (deleted)' : '' };
  }
  if (object?.kind !== 'regular') return errno.ENODEV;
  const PROT_WRITE = 2;
  const shared = (flags & 3) !== MAP_PRIVATE;
  if (file.access === O_WRONLY || (shared && file.access === 0 && (protection & PROT_WRITE) !== 0))
    return errno.EACCES;
  saveShared(kernel, processOf(kernel, task).mm, object.id);
  return { content: object.data.slice(offset, offset + length), object: object.id, name: file.path };
}

/** Behind anonymous shared memory is a file that has lost its name (mm/shmem.c: shmem_zero_setup). */
function unnamedFile(kernel: Kernel, length: number): number {
  const data = new Uint8Array(length);
  return addObject(kernel, (id) => ({ kind: 'regular', id, data, mode: 0, links: 0, path: '/dev/zero' })).id;
}

const PAGE = 4096;

const mmap2: Handler = (kernel, task, { args }) => {
  const [hint, length, protection, flags, fd, pages] = args;
  return mmap(kernel, task, { hint, length, protection, flags, fd: fd | 0, offset: pages * PAGE });
};

/** The old call takes one pointer to its six arguments. */
const oldMmap: Handler = (kernel, task, { args }) => {
  const words = readWords(kernel, task, args[0], 6);
  if (words === null) return done(-errno.EFAULT);
  const [hint = 0, length = 0, protection = 0, flags = 0, fd = 0, offset = 0] = words;
  return mmap(kernel, task, { hint, length, protection, flags, fd: fd | 0, offset });
};

const mremap: Handler = (kernel, task, { args }) => {
  const [start, length, newLength, flags] = args;
  if ((flags & ~MREMAP_MAYMOVE) !== 0) {
    log(kernel, { kind: 'unmodelled', tid: task.tid, what: `mremap with flags ${flags}` });
    return done(-errno.EINVAL);
  }
  return done(remapArea(kernel, task, { start, length }, newLength, (flags & MREMAP_MAYMOVE) !== 0) | 0);
};

const MADV_DONTNEED = 4;

/** NORMAL to DONTNEED, FREE to UNMERGEABLE … POPULATE_WRITE and COLLAPSE (asm-generic/mman-common.h). */
function knownAdvice(advice: number): boolean {
  return advice <= 4 || (advice >= 8 && advice <= 25);
}

/** Only MADV_DONTNEED changes what the program sees: private pages read as zero again. */
const madvise: Handler = (kernel, task, { args }) => {
  const [start, length, advice] = args;
  if (start % PAGE !== 0 || !knownAdvice(advice)) return done(-errno.EINVAL);
  const end = start + pageUp(length);
  if (advice !== MADV_DONTNEED || end === start) return done(0);
  const { vmas } = processOf(kernel, task).mm;
  for (const vma of vmas) {
    const from = Math.max(vma.start, start);
    const to = Math.min(vma.end, end);
    if (from < to && vma.shared === undefined) kernel.machine.clear(from, to - from);
  }
  // A hole is passed over, and said at the end (mm/madvise.c: madvise_walk_vmas).
  return done(covered(vmas, start, end).at(-1)?.end === end ? 0 : -errno.ENOMEM);
};

export const memorySyscalls: readonly Syscall[] = [
  define(45, 'brk', ['pointer'], (kernel, task, { args }) => done(setBreak(kernel, task, args[0]) | 0)),
  define(90, 'mmap', ['pointer'], oldMmap),
  define(192, 'mmap2', ['pointer', 'uint', 'protection', 'map-flags', 'int', 'hex'], mmap2),
  define(91, 'munmap', ['pointer', 'uint'], (kernel, task, { args }) =>
    done(unmapArea(kernel, task, args[0], args[1])),
  ),
  define(125, 'mprotect', ['pointer', 'uint', 'protection'], (kernel, task, { args }) =>
    done(protectArea(kernel, task, args[0], args[1], args[2] & 7)),
  ),
  define(163, 'mremap', ['pointer', 'uint', 'uint', 'hex', 'pointer'], mremap),
  define(219, 'madvise', ['pointer', 'uint', 'int'], madvise),
];
