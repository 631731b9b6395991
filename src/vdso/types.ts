// What sigsweep knows of one 32-bit vDSO image. All offsets are bytes from the start of the image, as mapped
// (images of old kernels are linked at an absolute address; their symbols' values are taken relative to it).
import type { ElfFile } from '../elf/index.js';

/** Which kernel the image belongs to: its entry code treats registers differently (ecx after a fast return). */
export type Flavour = 'i386' | 'amd64';
/** How `__kernel_vsyscall` enters the kernel. */
export type CpuKind = 'int80' | 'sysenter' | 'syscall';

export const CPU_KINDS: readonly CpuKind[] = ['int80', 'sysenter', 'syscall'];

/** The way through `__kernel_vsyscall`; every offset is from the start of the image. */
export interface VdsoEntry {
  /** The first instruction that enters the kernel. */
  readonly trap: number;
  readonly kind: CpuKind;
  /** R: where user code goes on after that instruction. */
  readonly landingPad: number;
  /** S = R - 2: where a restarted call resumes (an int $0x80, a jump back, or the syscall itself). */
  readonly restart: number;
  /** Where sysenter and syscall return to when executed anywhere in the process, also outside the vDSO. */
  readonly fastReturn: number;
}

export interface VdsoImage extends VdsoEntry {
  /** Such as '6.1-686/sysenter' or 'host'. */
  readonly id: string;
  /** The whole file, to be mapped as it is at a page boundary. */
  readonly bytes: Uint8Array;
  readonly elf: ElfFile;
  /** Such as 'unified-4.4/sysenter'; 'unknown-<hash>' for code that is in no table. */
  readonly form: string;
  readonly flavour: Flavour;
  readonly cpu: CpuKind;
  /** Address the image was linked at: 0 but for images older than 2.6.18 or so. */
  readonly base: number;
  readonly vsyscall: number;
  /** Bytes of `__kernel_vsyscall`. */
  readonly vsyscallSize: number;
  readonly sigreturn: number;
  readonly rtSigreturn: number;
}

export type VdsoErrorCode =
  | 'bad-elf'
  | 'not-a-vdso'
  | 'no-landing-pad'
  | 'bad-alternatives'
  | 'no-such-cpu'
  | 'unreadable';

export interface VdsoError {
  readonly code: VdsoErrorCode;
  readonly message: string;
}

export type VdsoResult =
  | { readonly ok: true; readonly image: VdsoImage }
  | { readonly ok: false; readonly error: VdsoError };
