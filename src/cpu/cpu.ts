/**
 * The emulated i386 processor of one task set: registers, memory, running, snapshots. Everything above deals
 * with this class only. Engine: Unicorn 2 (QEMU), compared with real hardware in test/cpu/conformance.
 *
 * Where it is known to differ from hardware:
 * - Segment limits are not checked, and a null selector acts as a base of 0 instead of raising #GP.
 * - One page above TASK_SIZE holds the GDT and can be read by the guest (SegmentLayout.supervisorPage).
 * - in and out do not fault in ring 3; icebp (0xf1) is #UD.
 * - The sticky exception flags of FSW and MXCSR are never set; fcomi leaves OF SF AF; fprem is imprecise.
 * - A misaligned store over a page border that faults on one page may have stored bytes to the other, and its
 *   fault address is that of a byte of the page, not always its first.
 * - A memory fault of fldenv, frstor, fxrstor, fldt and the like is reported at the instruction, but the FPU may be
 *   changed. Two cases cannot be resumed and throw CpuError INEXACT_STORE: fnsave or fbstp as the first store to a
 *   page, and a read-modify-write over a page border of which one page was stored to before and the other not.
 */

import { controlFlags, flagPlace } from './control-flags.js';
import { Digest, type StateHash } from './digest.js';
import { DirectStores } from './direct-stores.js';
import { Engine, GENERAL_INDEX } from './engine.js';
import { Fpu } from './fpu.js';
import { Memory } from './memory.js';
import type { Protection } from './protection.js';
import { type Machine, run } from './run.js';
import { segmentPlace, selectorIndex } from './segment-bases.js';
import type { SegmentLayout } from './segments.js';
import { type MemorySnapshot, Snapshots } from './snapshot.js';
import { type SpaceImages, Spaces } from './spaces.js';
import type { Stop } from './stop.js';
import { TimeStamp } from './timestamp.js';

export type Register = 'eax' | 'ebx' | 'ecx' | 'edx' | 'esi' | 'edi' | 'ebp' | 'esp' | 'eip';
export type SegmentRegister = 'cs' | 'ds' | 'es' | 'fs' | 'gs' | 'ss';

/** The whole register state of a thread: registers, flags, segments with their hidden parts, x87, SSE. */
export interface Context {
  readonly words: Uint32Array;
}

export interface CpuSnapshot {
  readonly registers: Uint32Array;
  readonly tls: Uint32Array;
  readonly timestamp: number;
  readonly memory: MemorySnapshot;
  readonly space: number;
  readonly otherSpaces: SpaceImages;
}

const TLS_WORDS = 6;

export class Cpu {
  private readonly memory: Memory;
  private readonly snapshots: Snapshots;
  private readonly spaces: Spaces;
  private readonly fpu: Fpu;
  private readonly hasher: Digest;
  private readonly timestamp = new TimeStamp();
  private readonly machine: Machine;
  private readonly flags: ReturnType<typeof flagPlace>;
  /** The three TLS descriptors in the GDT. */
  private readonly tls: Uint32Array;
  /** Index of each selector in the engine's state. */
  private readonly selectors: Readonly<Record<SegmentRegister, number>>;

  private constructor(private readonly engine: Engine) {
    this.memory = new Memory(engine);
    const { memory, timestamp } = this;
    this.machine = { engine, memory, timestamp, stores: new DirectStores(engine) };
    this.snapshots = new Snapshots(engine, this.memory);
    this.spaces = new Spaces(this.memory, this.snapshots);
    this.fpu = new Fpu(engine);
    this.hasher = new Digest(engine, this.memory, this.fpu);
    this.tls = new Uint32Array(engine.supervisor.buffer, engine.segments.tlsEntries[0] * 8, TLS_WORDS);
    this.flags = flagPlace(engine);
    const place = segmentPlace(engine);
    const at = (register: SegmentRegister) => selectorIndex(place, register);
    this.selectors = { cs: at('cs'), ds: at('ds'), es: at('es'), fs: at('fs'), gs: at('gs'), ss: at('ss') };
  }

  /**
   * A CPU in ring 3 with flat segments, no memory, EFLAGS 0x202 and a fresh FPU (all exceptions masked).
   * Throws CpuError ENGINE_MISSING or ENGINE_UNSUPPORTED.
   */
  static create(segments: SegmentLayout): Cpu {
    const cpu = new Cpu(new Engine(segments));
    cpu.resetFpu();
    return cpu;
  }

  /**
   * Runs at most `count` (> 0) instructions from EIP; each iteration of a rep instruction counts as one. The
   * bound is exact, whatever pages are touched on the way. See Stop for where EIP is.
   */
  run(count: number): Stop {
    return run(this.machine, count);
  }

  /** u32 */
  get(register: Register): number {
    return this.engine.state[this.indexOf(register)] ?? 0;
  }

  /** `value` modulo 2^32. */
  set(register: Register, value: number): void {
    this.engine.state[this.indexOf(register)] = value;
  }

  /** A switch, as a look-up by a name that is not known beforehand costs several times as much. */
  private indexOf(register: Register): number {
    switch (register) {
      case 'eip':
        return this.engine.eip;
      case 'eax':
        return GENERAL_INDEX.eax;
      case 'ebx':
        return GENERAL_INDEX.ebx;
      case 'ecx':
        return GENERAL_INDEX.ecx;
      case 'edx':
        return GENERAL_INDEX.edx;
      case 'esi':
        return GENERAL_INDEX.esi;
      case 'edi':
        return GENERAL_INDEX.edi;
      case 'ebp':
        return GENERAL_INDEX.ebp;
      case 'esp':
        return GENERAL_INDEX.esp;
    }
  }

  getEflags(): number {
    return this.engine.readEflags();
  }

  /** EFLAGS without OF, SF, ZF, AF, PF and CF, which are zero: a tenth of the time. */
  getControlFlags(): number {
    return controlFlags(this.engine, this.flags);
  }

  /** Bit 1 is always set; the caller decides which bits user code may change. */
  setEflags(value: number): void {
    this.engine.writeEflags((value | 2) >>> 0);
  }

  /** The selector, u16. */
  getSegment(register: SegmentRegister): number {
    return (this.engine.state[this.selectors[register]] ?? 0) & 0xffff;
  }

  /**
   * Loads a selector through the GDT as `mov %eax, %gs` would in ring 3; false when that is a #GP, and the
   * register is unchanged. CS cannot be changed: true only for the selector it has.
   */
  setSegment(register: SegmentRegister, selector: number): boolean {
    if (register === 'cs') return selector === this.getSegment('cs');
    return this.engine.callStub(register, selector & 0xffff);
  }

  /** Writes the two words of a TLS descriptor into the GDT; segment registers keep what they have loaded. */
  setTlsEntry(index: 0 | 1 | 2, low: number, high: number): void {
    this.tls[index * 2] = low;
    this.tls[index * 2 + 1] = high;
  }

  /** The x87 and SSE state, 512 bytes in the FXSAVE format: shared, not to be written to, and never changed. */
  fxsave(): Uint8Array {
    return this.fpu.save();
  }

  /** Loads an FXSAVE image of 512 bytes. */
  fxrstor(image: Uint8Array): void {
    this.fpu.load(image);
  }

  /** As a new program finds it: FCW 0x37f, empty stack, MXCSR 0x1f80, registers 0. */
  resetFpu(): void {
    this.fpu.reset();
  }

  /** Cycles that the next rdtsc will be based on; an integer below 2^53. */
  getTimestamp(): number {
    return this.timestamp.value;
  }

  setTimestamp(cycles: number): void {
    this.timestamp.value = cycles;
  }

  /** A copy of the current register state. */
  newContext(): Context {
    return { words: this.engine.state.slice() };
  }

  saveContext(into: Context): void {
    into.words.set(this.engine.state);
  }

  loadContext(from: Context): void {
    this.engine.state.set(from.words);
  }

  copyContext(from: Context, to: Context): void {
    to.words.set(from.words);
  }

  /** Maps zero-filled pages. The range must be whole pages and free, else CpuError BAD_RANGE. */
  map(address: number, length: number, protection: Protection): void {
    this.memory.map(address, length, protection);
  }

  /** Unmaps what is mapped in the range. */
  unmap(address: number, length: number): void {
    this.memory.unmap(address, length);
  }

  /** Changes the protection of what is mapped in the range. */
  protect(address: number, length: number, protection: Protection): void {
    this.memory.protect(address, length, protection);
  }

  /** A copy of guest memory, whatever its protection; null when a page of it is not mapped. */
  read(address: number, length: number): Uint8Array | null {
    return this.memory.read(address, length);
  }

  /** Writes whatever the protection; false, and nothing written, when a page is not mapped. */
  write(address: number, bytes: Uint8Array): boolean {
    return this.memory.write(address, bytes);
  }

  /** Makes the mapped pages of a range of whole pages zero. */
  clear(address: number, length: number): void {
    this.memory.clear(address, length);
  }

  readU32(address: number): number | null {
    return this.memory.readU32(address);
  }

  writeU32(address: number, value: number): boolean {
    return this.memory.writeU32(address, value);
  }

  /** Shared guest memory, for reading only; null when not mapped or not in one piece of host memory. */
  view(address: number, length: number): Uint8Array | null {
    return this.memory.view(address, length);
  }

  /** Address spaces: a copy of the loaded one, whose id is 0 at first; load another, empty if unknown; forget one. */
  copySpace(id: number): void {
    this.spaces.copyTo(id);
  }
  enterSpace(id: number): void {
    this.spaces.enter(id);
  }
  dropSpace(id: number): void {
    this.spaces.drop(id);
  }
  /** Registers, TLS descriptors, time stamp, memory contents and layout of all address spaces. */
  snapshot(): CpuSnapshot {
    return {
      registers: this.engine.state.slice(),
      tls: this.tls.slice(),
      timestamp: this.timestamp.value,
      memory: this.snapshots.take(),
      space: this.spaces.current,
      otherSpaces: this.spaces.others,
    };
  }

  restore(snapshot: CpuSnapshot): void {
    this.engine.state.set(snapshot.registers);
    this.tls.set(snapshot.tls);
    this.timestamp.value = snapshot.timestamp;
    this.snapshots.restore(snapshot.memory);
    this.spaces.restore(snapshot.space, snapshot.otherSpaces);
  }

  /** Recycles the snapshot's buffers; it must not be restored any more. Optional. */
  release(snapshot: CpuSnapshot): void {
    this.snapshots.release(snapshot.memory);
  }

  /** Addresses, ascending, of the pages stored to by the guest ever or by the host since the first snapshot. */
  touchedPages(): readonly number[] {
    return this.memory.touched.map(({ page }) => page * 4096).sort((a, b) => a - b);
  }

  /** See Digest. */
  digest(): StateHash {
    const { current, others } = this.spaces;
    return this.hasher.take(this.timestamp.value, this.tls, current, others);
  }

  /** Frees the engine; nothing may be called after. */
  close(): void {
    this.engine.close();
  }
}
