/** Address space of a process as plain data: a sorted list of areas (linux/mm_types.h: vm_area_struct). */
export interface Vma {
  readonly start: number;
  /** First address after the area; 2^32 at most. */
  readonly end: number;
  /** PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. */
  readonly protection: number;
  readonly growsDown: boolean;
  /** What /proc/self/maps shows: a file's path, [heap], [stack], [vdso], or empty. */
  readonly name: string;
  /** Of MAP_SHARED: the file object that holds the content while another address space is loaded, and where its byte 0 is. */
  readonly shared?: { readonly object: number; readonly origin: number };
}

export interface Mm {
  /** Of the machine's address space. */
  readonly id: number;
  /** Ascending, not overlapping; replaced as a whole when it changes. */
  vmas: readonly Vma[];
  readonly startBrk: number;
  brk: number;
}

export const PAGE_SIZE = 4096;
/** End of user addresses of a 32-bit program under a 64-bit kernel (asm/page_64_types.h: IA32_PAGE_OFFSET). */
export const TASK_SIZE = 0xffffe000;
/** RLIMIT_STACK's usual soft limit. */
export const STACK_LIMIT = 8 << 20;

export function pageDown(address: number): number {
  return address - (address % PAGE_SIZE);
}

export function pageUp(address: number): number {
  return pageDown(address + PAGE_SIZE - 1);
}
