/** Page size and page protections; the bits are those of mmap(2), which Unicorn's UC_PROT_* happen to share. */

export const PAGE_SIZE = 4096;
export const PAGE_SHIFT = 12;

/** A bit set of PROT_READ, PROT_WRITE and PROT_EXEC; 0 is a present page that nobody may touch (PROT_NONE). */
export type Protection = number;

export const PROT_NONE = 0;
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;
