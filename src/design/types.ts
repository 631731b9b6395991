/** A way to make a cancellable call: user code laid over a C library, and what it asks of the kernel. */
export interface Design {
  readonly id: string;
  /** One line for people. */
  readonly title: string;
  /** C libraries whose programs it fits: the part of their ids before the version. */
  readonly libc: 'musl' | 'glibc';
  /** Folder below the project's with overlay.S; null for a library's own code, untouched. */
  readonly folder: string | null;
  readonly symbols: PointSymbols;
}

/** Where the cancellation point is, in the program's own symbols. */
export interface PointSymbols {
  /** The function that makes the cancellable call. */
  readonly enter: string;
  /** Where control goes to act on the cancellation. */
  readonly act: string;
  /** The signal the C library cancels with. */
  readonly signal: number;
}
