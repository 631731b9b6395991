/**
 * The Unicorn functions we call, bound through koffi. Constants are from unicorn/unicorn.h and
 * unicorn/x86.h of version 2.0.1; only those whose values are the same in every 2.x are used.
 *
 * Pointers are bigints (koffi's own form). Memory handed over as a Uint8Array must stay referenced for as
 * long as the engine uses it.
 */
import koffi, { type LibraryHandle } from 'koffi';
import { CpuError } from './errors.js';

export const UC_ARCH_X86 = 4;
export const UC_MODE_32 = 4;

export const UC_ERR = {
  OK: 0,
  READ_UNMAPPED: 6,
  WRITE_UNMAPPED: 7,
  FETCH_UNMAPPED: 8,
  INSN_INVALID: 10,
  WRITE_PROT: 12,
  READ_PROT: 13,
  FETCH_PROT: 14,
  EXCEPTION: 21,
} as const;

/** Identifiers for uc_reg_read and uc_reg_write. */
export const UC_REG = {
  EAX: 19,
  EBP: 20,
  EBX: 21,
  ECX: 22,
  EDI: 23,
  EDX: 24,
  EFLAGS: 25,
  EIP: 26,
  ESI: 29,
  ESP: 30,
  GDTR: 243,
} as const;

export const UC_HOOK_INSN = 2;
export const UC_INS_SYSCALL = 699;
export const UC_INS_SYSENTER = 700;

/** uc_ctl(UC_CTL_TB_REMOVE_CACHE) written with two arguments, as the macro UC_CTL_WRITE composes it. */
export const UC_CTL_REMOVE_CACHE = (9 | (2 << 26) | (1 << 30)) >>> 0;

export type Pointer = bigint;

export interface Unicorn {
  readonly stopAddress: Pointer;
  readonly contextSaveAddress: Pointer;
  open(arch: number, mode: number, out: [Pointer | null]): number;
  close(uc: Pointer): number;
  start(uc: Pointer, begin: number, until: number, timeout: number, count: number): number;
  regRead(uc: Pointer, id: number, value: Uint8Array | Uint32Array): number;
  regWrite(uc: Pointer, id: number, value: Uint8Array | Uint32Array): number;
  mapPointer(uc: Pointer, address: number, size: number, protection: number, memory: Uint8Array): number;
  protect(uc: Pointer, address: number, size: number, protection: number): number;
  contextAlloc(uc: Pointer, out: [Pointer | null]): number;
  contextSize(uc: Pointer): number;
  contextFree(context: Pointer): number;
  contextSave(uc: Pointer, context: Pointer): number;
  hookInstruction(uc: Pointer, callback: Pointer, data: Pointer | null, instruction: number): number;
  removeCache(uc: Pointer, start: number, end: number): number;
  /** The bytes at an address of this process, shared; the caller answers for the range. */
  memory(address: Pointer, length: number): ArrayBuffer;
}

let loaded: Unicorn | undefined;

/** Loads the library once per thread; throws CpuError ENGINE_MISSING with what to install. */
export function loadUnicorn(): Unicorn {
  loaded ??= bind();
  return loaded;
}

/** SIGSWEEP_UNICORN names another build of the library: to compare versions, and for tests. */
function openLibrary(): LibraryHandle {
  const { SIGSWEEP_UNICORN: library = 'libunicorn.so.2' } = process.env;
  try {
    return koffi.load(library);
  } catch (cause) {
    throw new CpuError(
      'ENGINE_MISSING',
      `cannot load ${library} (the CPU emulator): install it with "apt-get install libunicorn2"`,
      { cause },
    );
  }
}

function bind(): Unicorn {
  const lib = openLibrary();
  const hookAdd: (...args: unknown[]) => number = lib.func(
    'int uc_hook_add(void *, _Out_ size_t *, int, void *, void *, uint64_t, uint64_t, int)',
  );
  const ctl: (...args: unknown[]) => number = lib.func('int uc_ctl(void *, uint32_t, ...)');
  return {
    stopAddress: lib.symbol('uc_emu_stop'),
    contextSaveAddress: lib.symbol('uc_context_save'),
    open: lib.func('int uc_open(int, int, _Out_ void **)'),
    close: lib.func('int uc_close(void *)'),
    start: lib.func('int uc_emu_start(void *, uint64_t, uint64_t, uint64_t, size_t)'),
    regRead: lib.func('int uc_reg_read(void *, int, void *)'),
    regWrite: lib.func('int uc_reg_write(void *, int, void *)'),
    mapPointer: lib.func('int uc_mem_map_ptr(void *, uint64_t, size_t, uint32_t, void *)'),
    protect: lib.func('int uc_mem_protect(void *, uint64_t, size_t, uint32_t)'),
    contextAlloc: lib.func('int uc_context_alloc(void *, _Out_ void **)'),
    contextSize: lib.func('size_t uc_context_size(void *)'),
    contextFree: lib.func('int uc_context_free(void *)'),
    contextSave: lib.func('int uc_context_save(void *, void *)'),
    // begin 1 > end 0: everywhere. The instruction is a variadic argument, passed alike on x86-64.
    hookInstruction: (uc, callback, data, instruction) =>
      hookAdd(uc, [0], UC_HOOK_INSN, callback, data, 1, 0, instruction),
    removeCache: (uc, start, end) => ctl(uc, UC_CTL_REMOVE_CACHE, 'uint64_t', start, 'uint64_t', end),
    memory: (address, length) => koffi.view(address, length),
  };
}

/** Throws ENGINE_FAILED unless a library call returned UC_ERR_OK. */
export function mustSucceed(result: number, what: string): void {
  if (result !== UC_ERR.OK) throw new CpuError('ENGINE_FAILED', `${what} failed: Unicorn error ${result}`);
}
