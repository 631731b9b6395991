import type { ElfFile } from '../elf/index.js';
import type { KernelConfig } from '../kernel/kernel.js';
import type { Proposals } from '../kernel/proposals/types.js';
import type { VdsoImage } from '../vdso/index.js';

/** Code laid over a program: new memory, and changed bytes in the program's own. */
export interface Overlay {
  readonly segments: readonly { address: number; bytes: Uint8Array; protection: number }[];
  readonly patches: readonly { address: number; bytes: Uint8Array }[];
}

/** Directories above it are made. */
export interface PlantedFile {
  /** Absolute, without `.` and `..`. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable?: boolean;
}

export interface WorldOptions {
  readonly program: ElfFile;
  readonly vdso: VdsoImage;
  /** argv[0] included. */
  readonly args: readonly string[];
  readonly env?: readonly string[];
  readonly stdin?: Uint8Array;
  readonly overlay?: Overlay;
  /** A kernel feature that Linux does not have; null or absent is Linux. */
  readonly proposals?: Proposals | null;
  /** Extra files of the in-memory tree. */
  readonly files?: readonly PlantedFile[];
  /** Where the tree has the program itself, so that it can execute itself again; by default it is not there. */
  readonly path?: string;
  /** The first process's id. */
  readonly pid?: number;
  /** To be like one real process: what its CPU saves in frames, whether it is traced, and whose it is. */
  readonly like?: Pick<KernelConfig, 'xsave' | 'ptrace' | 'user'>;
}

/** Why a program cannot be loaded, as one line for people. */
export type LoadError = {
  readonly code: 'not-static' | 'no-segments' | 'bad-segment';
  readonly message: string;
};
