import type { ElfFile } from '../elf/index.js';
import type { VdsoImage } from '../vdso/index.js';

/** Code laid over a program: new memory, and changed bytes in the program's own. */
export interface Overlay {
  readonly segments: readonly { address: number; bytes: Uint8Array; protection: number }[];
  readonly patches: readonly { address: number; bytes: Uint8Array }[];
}

export interface WorldOptions {
  readonly program: ElfFile;
  readonly vdso: VdsoImage;
  /** argv[0] included. */
  readonly args: readonly string[];
  readonly env?: readonly string[];
  readonly stdin?: Uint8Array;
  readonly overlay?: Overlay;
  /** Extra files of the in-memory tree: absolute path and content. */
  readonly files?: readonly { path: string; content: Uint8Array }[];
}

/** Why a program cannot be loaded, as one line for people. */
export type LoadError = {
  readonly code: 'not-static' | 'no-segments' | 'bad-segment';
  readonly message: string;
};
