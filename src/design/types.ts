import type { AsmSource } from '../asm/index.js';
import type { Proposals } from '../world/proposals.js';

/** A way to make a cancellable call: user code laid over a C library, and what it asks of the kernel. */
export interface Design {
  readonly id: string;
  /** One line for people. */
  readonly title: string;
  readonly libc: LibcRange;
  /** Folder below the project's with overlay.S; null for a library's own code, untouched. */
  readonly folder: string | null;
  /** Assembly that is laid over in place of a folder's. */
  readonly given?: GivenSources;
  /** Words with which the sources in the folder are built: -D for C, --defsym for assembly. */
  readonly defines?: readonly string[];
  /** Code that is linked into a copy of the vDSO image. */
  readonly vdsoHelpers?: VdsoHelpers;
  readonly symbols: PointSymbols;
  /** What it asks of the kernel; absent is Linux as it is. */
  readonly kernel?: Proposals;
}

export interface GivenSources {
  readonly sources: readonly AsmSource[];
  readonly asFlags: readonly string[];
  readonly includeDirs: readonly string[];
}

export interface VdsoHelpers {
  /** Assembly below the project's folder. */
  readonly source: string;
  /** In place of what the file says. */
  readonly text?: string;
  /** Where its labels in __kernel_vsyscall come from: the image's own code, or what the RFC's code took for granted. */
  readonly labels: 'decoded' | '2016';
}

/** The C libraries a design is for: a name and, where it matters, a range of versions. */
export interface LibcRange {
  readonly name: 'musl' | 'glibc';
  /** First version, such as 2.41. */
  readonly from?: string;
  /** First version that is not meant any more. */
  readonly before?: string;
}

/** Where the cancellation point is, in the program's own symbols. */
export interface PointSymbols {
  /** The function that makes the cancellable call; null where every library function makes its own. */
  readonly enter: string | null;
  /** Where control goes to act on the cancellation: the first that is reached ends the window. */
  readonly act: readonly string[];
  /** The signal the C library cancels with. */
  readonly signal: number;
}

function versionNumbers(version: string): number[] {
  return version.split('.').map(Number);
}

/** Negative, zero or positive as `a` is older than, the same as or newer than `b`. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [versionNumbers(a), versionNumbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether a library such as glibc-2.36 is in the range. */
export function fitsLibc({ name, from, before }: LibcRange, libc: string): boolean {
  if (!libc.startsWith(`${name}-`)) return false;
  const version = libc.slice(name.length + 1);
  if (from !== undefined && compareVersions(version, from) < 0) return false;
  return before === undefined || compareVersions(version, before) < 0;
}
