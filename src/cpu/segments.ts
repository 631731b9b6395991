/**
 * Segment selectors and descriptors of Linux tasks, and the page that holds the GDT.
 *
 * Selectors: arch/x86/include/asm/segment.h. A descriptor is two words (Intel SDM vol. 3, 3.4.5).
 */

export interface SegmentLayout {
  readonly codeSelector: number;
  readonly dataSelector: number;
  /** GDT indices of set_thread_area's three entries. */
  readonly tlsEntries: readonly [number, number, number];
  /** GDT index of the entry whose limit is the CPU's number, which any program may load; null without. */
  readonly cpuNumberEntry: number | null;
  /** A page that no task can map (above TASK_SIZE): GDT and helper code. A guest can read it: Unicorn does no paging. */
  readonly supervisorPage: number;
}

/** A 32-bit task under an amd64 kernel. TASK_SIZE is 0xffffe000; error-valued pointers (-4095..) still fault. */
export const AMD64_SEGMENTS: SegmentLayout = {
  codeSelector: 0x23,
  dataSelector: 0x2b,
  tlsEntries: [12, 13, 14],
  cpuNumberEntry: 15,
  supervisorPage: 0xffffe000,
};

/** A task under an i386 kernel. Its historical vDSO may be at 0xffffe000, so the page is lower. */
export const I386_SEGMENTS: SegmentLayout = {
  codeSelector: 0x73,
  dataSelector: 0x7b,
  tlsEntries: [6, 7, 8],
  cpuNumberEntry: null,
  supervisorPage: 0xff000000,
};

export const GDT_ENTRIES = 32;
const KERNEL_CODE = 28;
const KERNEL_DATA = 29;

/** Offsets in the supervisor page. */
export const SUPERVISOR = { boot: 0x100, user: 0x140, stubs: 0x180, stack: 0x3e0, fxsave: 0x400 } as const;

/** One-instruction helpers, eight bytes apart from SUPERVISOR.stubs; EAX is the operand. */
export const STUBS = {
  fxsave: [0x0f, 0xae, 0x00], // fxsave (%eax)
  fxrstor: [0x0f, 0xae, 0x08], // fxrstor (%eax)
  es: [0x8e, 0xc0],
  ss: [0x8e, 0xd0],
  ds: [0x8e, 0xd8],
  fs: [0x8e, 0xe0],
  gs: [0x8e, 0xe8], // mov %eax,%gs
} as const;

export type Stub = keyof typeof STUBS;

export function stubAddress(layout: SegmentLayout, stub: Stub): number {
  return layout.supervisorPage + SUPERVISOR.stubs + Object.keys(STUBS).indexOf(stub) * 8;
}

/** Instructions of the boot code (ring 0) and of what follows in ring 3. */
export const BOOT_STEPS = 12;
export const USER_STEPS = 6;

/** Fills the page: descriptors with the accessed bit set (so that loading never writes), code, an iret frame. */
export function fillSupervisorPage(page: Uint8Array, layout: SegmentLayout): void {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const descriptor = (index: number, high: number) => {
    view.setUint32(index * 8, 0x0000ffff, true); // base 0, limit 4 GiB
    view.setUint32(index * 8 + 4, high, true);
  };
  descriptor(KERNEL_CODE, 0x00cf9b00);
  descriptor(KERNEL_DATA, 0x00cf9300);
  descriptor(layout.codeSelector >> 3, 0x00cffb00);
  descriptor(layout.dataSelector >> 3, 0x00cff300);
  // Of CPU 0: data to be read, growing down, for user mode (arch/x86/kernel/cpu/common.c: setup_getcpu).
  if (layout.cpuNumberEntry !== null) view.setUint32(layout.cpuNumberEntry * 8 + 4, 0x0040f500, true);
  page.set(bootCode(KERNEL_DATA * 8), SUPERVISOR.boot);
  page.set(userCode(layout.dataSelector), SUPERVISOR.user);
  Object.values(STUBS).forEach((code, i) => {
    page.set(code, SUPERVISOR.stubs + i * 8);
  });
  const frame = [layout.supervisorPage + SUPERVISOR.user, layout.codeSelector, 0x202, 0, layout.dataSelector];
  frame.forEach((word, i) => {
    view.setUint32(SUPERVISOR.stack - 20 + i * 4, word, true);
  });
}

/** SS first: its initial hidden part is 16-bit. CR0: MP, NE (x87 errors are #MF). CR4: TSD, OSFXSR, OSXMMEXCPT. */
function bootCode(data: number): number[] {
  return [
    ...[0x66, 0xb8, data & 0xff, data >> 8], // mov $data,%ax
    ...[0x8e, 0xd0, 0x8e, 0xd8, 0x8e, 0xc0], // mov %eax,%ss; %ds; %es
    ...[0x0f, 0x20, 0xc0, 0x83, 0xc8, 0x22, 0x0f, 0x22, 0xc0], // cr0 |= 0x22
    ...[0x0f, 0x20, 0xe0, 0x0d, 0x04, 0x06, 0x00, 0x00, 0x0f, 0x22, 0xe0], // cr4 |= 0x604
    ...[0xdb, 0xe3], // fninit
    0xcf, // iret
  ];
}

function userCode(data: number): number[] {
  return [
    ...[0x66, 0xb8, data & 0xff, data >> 8],
    ...[0x8e, 0xd8, 0x8e, 0xc0], // ds, es
    ...[0x31, 0xc0], // xor %eax,%eax
    ...[0x8e, 0xe8, 0x8e, 0xe0], // gs, fs: null
  ];
}
