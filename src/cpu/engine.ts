/**
 * One Unicorn engine: a 32-bit CPU in ring 3 with a GDT, and live views of its state.
 *
 * The rules for driving it (count > 0 always, until 0, no callbacks) are in run.ts. Registers are read and
 * written in place through `state`, at the offsets that probe.ts found; EFLAGS is lazy inside QEMU and goes
 * through the API.
 */

import { CpuError } from './errors.js';
import { type EngineLayout, engineLayout, STRUCT_WINDOW } from './probe.js';
import { PAGE_SIZE } from './protection.js';
import {
  BOOT_STEPS,
  fillSupervisorPage,
  GDT_ENTRIES,
  type SegmentLayout,
  type Stub,
  SUPERVISOR,
  stubAddress,
  USER_STEPS,
} from './segments.js';
import {
  loadUnicorn,
  mustSucceed,
  type Pointer,
  UC_ARCH_X86,
  UC_ERR,
  UC_INS_SYSCALL,
  UC_INS_SYSENTER,
  UC_MODE_32,
  UC_REG,
  type Unicorn,
} from './unicorn.js';

/** Word indices in `state`: 64-bit slots, of which a 32-bit register is the low half. */
export const GENERAL_INDEX = { eax: 0, ecx: 2, edx: 4, ebx: 6, esp: 8, ebp: 10, esi: 12, edi: 14 } as const;

/** In place of a saved EIP: above every task's code. */
const NOT_SAVED = 0xfffffffe;

export class Engine {
  /** The whole register state, as words; copying it is copying the state. */
  readonly state: Uint32Array;
  /** Index of EIP in `state`. */
  readonly eip: number;
  readonly supervisor = new Uint8Array(new ArrayBuffer(PAGE_SIZE));
  private readonly lib: Unicorn;
  private readonly uc: Pointer;
  private readonly stateAddress: Pointer;
  private readonly layout: EngineLayout;
  private readonly struct: Uint32Array;
  private readonly exception: Int32Array;
  private readonly scratch = new Uint32Array(2);
  private readonly sysenterSave: Uint32Array;
  private readonly syscallSave: Uint32Array;
  private readonly saveBuffers: Pointer[] = [];
  /** Keeps mapped host memory alive for as long as the engine. */
  private readonly mapped: Uint8Array[] = [];
  private closed = false;

  constructor(readonly segments: SegmentLayout) {
    this.lib = loadUnicorn();
    this.layout = engineLayout();
    const out: [Pointer | null] = [null];
    mustSucceed(this.lib.open(UC_ARCH_X86, UC_MODE_32, out), 'uc_open');
    this.uc = out[0] ?? 0n;
    // The CPU exists only after the first call that needs it.
    mustSucceed(this.lib.regRead(this.uc, UC_REG.EIP, this.scratch), 'uc_reg_read');
    this.struct = new Uint32Array(this.lib.memory(this.uc, STRUCT_WINDOW));
    const field = this.layout.cpuPointer / 4;
    const cpu = (BigInt(this.struct[field + 1] ?? 0) << 32n) | BigInt(this.struct[field] ?? 0);
    if (cpu === 0n) throw new CpuError('ENGINE_FAILED', 'the engine has no CPU after its initialisation');
    const state = cpu + BigInt(this.layout.stateDelta);
    this.stateAddress = state;
    this.state = new Uint32Array(this.lib.memory(state, this.layout.stateLength));
    this.exception = new Int32Array(this.lib.memory(state + BigInt(this.layout.exceptionIndex), 4));
    this.eip = this.layout.eip / 4;
    this.verify();
    this.syscallSave = this.stopAt(UC_INS_SYSCALL);
    this.sysenterSave = this.stopAt(UC_INS_SYSENTER);
    this.boot();
  }

  /**
   * Runs at most `count` instructions from the current EIP and returns the Unicorn error. `until` other than 0 is
   * for the rare cold path in which translation must not look beyond it.
   */
  start(count: number, until = 0): number {
    const { state } = this;
    // Left-overs make the third error in a row look like a double fault.
    state[this.layout.oldException / 4] = 0xffffffff;
    state[this.layout.exceptionIsInt / 4] = 0;
    this.exception[0] = -1;
    return this.lib.start(this.uc, state[this.eip] ?? 0, until, 0, count);
  }

  /** Instructions begun by the last start; one more than executed where one was begun and not completed. */
  begun(): number {
    return this.struct[this.layout.counter / 4] ?? 0;
  }

  /** Address of the last memory error. */
  invalidAddress(): number {
    return this.struct[this.layout.invalidAddress / 4] ?? 0;
  }

  exceptionVector(): number {
    return this.exception[0] ?? -1;
  }

  /** Whether the last exception was raised by int n, int3 or into. */
  exceptionIsInt(): boolean {
    return this.state[this.layout.exceptionIsInt / 4] === 1;
  }

  /** Which of the two was executed since the last call, if any. */
  takeSystemCall(): 'sysenter' | 'syscall' | undefined {
    const header = this.sysenterSave.length - 1;
    if (this.sysenterSave[header] !== NOT_SAVED) {
      this.sysenterSave[header] = NOT_SAVED;
      return 'sysenter';
    }
    if (this.syscallSave[header] !== NOT_SAVED) {
      this.syscallSave[header] = NOT_SAVED;
      return 'syscall';
    }
    return undefined;
  }

  readEflags(): number {
    this.lib.regRead(this.uc, UC_REG.EFLAGS, this.scratch);
    return this.scratch[0] ?? 0;
  }

  writeEflags(value: number): void {
    this.scratch[0] = value;
    this.scratch[1] = 0;
    this.lib.regWrite(this.uc, UC_REG.EFLAGS, this.scratch);
  }

  /** Executes one helper instruction with EAX = operand, EFLAGS as they are; false when it raised an exception. */
  callStub(stub: Stub, operand: number): boolean {
    const { state, eip } = this;
    const oldEip = state[eip] ?? 0;
    const oldEax = state[GENERAL_INDEX.eax] ?? 0;
    state[eip] = stubAddress(this.segments, stub);
    state[GENERAL_INDEX.eax] = operand;
    const result = this.start(1);
    state[eip] = oldEip;
    state[GENERAL_INDEX.eax] = oldEax;
    // With TF set the helper ends in a #DB of its own: done all the same.
    return result === UC_ERR.OK || (result === UC_ERR.EXCEPTION && this.exceptionVector() === 1);
  }

  /** The 512 bytes that the fxsave and fxrstor helpers work on. */
  get fxArea(): Uint8Array {
    return this.supervisor.subarray(SUPERVISOR.fxsave, SUPERVISOR.fxsave + 512);
  }

  get fxAddress(): number {
    return this.segments.supervisorPage + SUPERVISOR.fxsave;
  }

  /** Maps host memory (kept alive here) without any permission. */
  map(address: number, memory: Uint8Array): void {
    this.mapped.push(memory);
    mustSucceed(this.lib.mapPointer(this.uc, address, memory.length, 0, memory), 'uc_mem_map_ptr');
  }

  protect(address: number, length: number, protection: number): void {
    mustSucceed(this.lib.protect(this.uc, address, length, protection), 'uc_mem_protect');
  }

  /**
   * Forgets translations of these pages: Unicorn notices neither changed code nor a lost permission to execute.
   * Page by page, as what is one range here may be several blocks of memory there.
   */
  forgetCode(address: number, length: number): void {
    for (let page = address; page < address + length; page += PAGE_SIZE) {
      mustSucceed(this.lib.removeCache(this.uc, page, page + PAGE_SIZE), 'uc_ctl_remove_cache');
    }
  }

  /** Shared: what the engine keeps `distance` bytes before the CPU state. */
  beforeState(distance: number, length: number): ArrayBuffer {
    return this.lib.memory(this.stateAddress - BigInt(distance), length);
  }

  /** Shared memory of this process; the caller answers for the range. */
  hostMemory(address: Pointer, length: number): ArrayBuffer {
    return this.lib.memory(address, length);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const buffer of this.saveBuffers) this.lib.contextFree(buffer);
    this.lib.close(this.uc);
  }

  /**
   * Makes an instruction end the run without a callback into JavaScript: the hooks are the library's own
   * uc_context_save(uc, buffer), which leaves a trace in the buffer, and then uc_emu_stop(uc).
   */
  private stopAt(instruction: number): Uint32Array {
    const out: [Pointer | null] = [null];
    mustSucceed(this.lib.contextAlloc(this.uc, out), 'uc_context_alloc');
    const buffer = out[0] ?? 0n;
    this.saveBuffers.push(buffer);
    const hook = (callback: Pointer, data: Pointer | null) =>
      mustSucceed(this.lib.hookInstruction(this.uc, callback, data, instruction), 'uc_hook_add');
    hook(this.lib.contextSaveAddress, buffer);
    hook(this.lib.stopAddress, null);
    const words = (this.layout.contextHeader + this.layout.eip) / 4 + 1;
    const view = new Uint32Array(this.lib.memory(buffer, words * 4));
    view[words - 1] = NOT_SAVED;
    return view;
  }

  /** The view must show what the API wrote; else the probes took something else for the state. */
  private verify(): void {
    for (const value of [0x6d2b79f5, 0]) {
      this.scratch.set([value, 0]);
      mustSucceed(this.lib.regWrite(this.uc, UC_REG.EDI, this.scratch), 'uc_reg_write');
      if (this.state[GENERAL_INDEX.edi] !== value) {
        throw new CpuError(
          'ENGINE_UNSUPPORTED',
          "this libunicorn's registers were not found; use Debian 12's libunicorn2",
        );
      }
    }
  }

  private boot(): void {
    const { supervisorPage } = this.segments;
    fillSupervisorPage(this.supervisor, this.segments);
    this.map(supervisorPage, this.supervisor);
    this.protect(supervisorPage, PAGE_SIZE, 7);
    const gdtr = new Uint8Array(24); // uc_x86_mmr: selector u16, base u64, limit u32, flags u32
    const view = new DataView(gdtr.buffer);
    view.setBigUint64(8, BigInt(supervisorPage), true);
    view.setUint32(16, GDT_ENTRIES * 8 - 1, true);
    mustSucceed(this.lib.regWrite(this.uc, UC_REG.GDTR, gdtr), 'uc_reg_write(GDTR)');
    this.state[GENERAL_INDEX.esp] = supervisorPage + SUPERVISOR.stack - 20;
    this.state[this.eip] = supervisorPage + SUPERVISOR.boot;
    mustSucceed(this.start(BOOT_STEPS), 'boot code');
    mustSucceed(this.start(USER_STEPS), 'user mode set-up');
    this.state[GENERAL_INDEX.esp] = 0;
    this.state[this.eip] = 0;
    this.writeEflags(0x202);
  }
}
