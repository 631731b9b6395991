/**
 * What the kernel model needs of the CPU and its memory; the Cpu class satisfies it. Registers are those of the task that
 * runs; memory calls ignore page protections (user.ts checks the areas) and answer null or false where nothing is mapped.
 */
export type GeneralRegister = 'eax' | 'ebx' | 'ecx' | 'edx' | 'esi' | 'edi' | 'ebp' | 'esp' | 'eip';
export type SegmentName = 'cs' | 'ds' | 'es' | 'fs' | 'gs' | 'ss';

export interface Machine {
  get(register: GeneralRegister): number;
  set(register: GeneralRegister, value: number): void;
  getEflags(): number;
  /** EFLAGS without OF, SF, ZF, AF, PF and CF, which are zero. */
  getControlFlags(): number;
  setEflags(value: number): void;
  getSegment(register: SegmentName): number;
  /** Loads it as the instruction would; false where that would fault. */
  setSegment(register: SegmentName, selector: number): boolean;
  setTlsEntry(index: 0 | 1 | 2, low: number, high: number): void;
  /** x87 and SSE state in the 512-byte layout of FXSAVE; not to be written to, and never changed. */
  fxsave(): Uint8Array;
  fxrstor(image: Uint8Array): void;
  resetFpu(): void;
  map(address: number, length: number, protection: number): void;
  unmap(address: number, length: number): void;
  protect(address: number, length: number, protection: number): void;
  read(address: number, length: number): Uint8Array | null;
  /** Shared memory, to be looked at before anything is stored; null where it is not mapped or not in one piece. */
  view(address: number, length: number): Uint8Array | null;
  write(address: number, bytes: Uint8Array): boolean;
  /** Makes the mapped pages of the range zero. */
  clear(address: number, length: number): void;
  /** A new address space with the memory of the loaded one. */
  copySpace(id: number): void;
  /** Loads another address space; one that was never copied to or entered begins empty. */
  enterSpace(id: number): void;
  /** Forgets an address space that is not loaded. */
  dropSpace(id: number): void;
  readU32(address: number): number | null;
  writeU32(address: number, value: number): boolean;
}
