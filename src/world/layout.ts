import { PAGE_SIZE } from '../kernel/mm/types.js';

/**
 * Where things lie in a 32-bit process without address randomisation under a 64-bit kernel: as seen in /proc/self/maps of a
 * process started with ADDR_NO_RANDOMIZE, so that a native run has the same addresses.
 */
export const STACK_TOP = 0xffffe000;
/** Stack pages mapped at start; the area grows down on faults. */
export const INITIAL_STACK_PAGES = 33;
/** First address after the vDSO. */
export const VDSO_END = 0xf7ffe000;
/** Data pages that the vDSO's clock code reads, below the image; all zero here, which sends that code to the kernel. */
export const VVAR_PAGES = 6;
/** Load address of position-independent executables. */
export const PIE_BASE = 0x56555000;
/** Where overlays of a design are put: far from everything else, reachable by jmp rel32. */
export const OVERLAY_BASE = 0x0e000000;

export { PAGE_SIZE };
