/**
 * The time-stamp counter. Unicorn's is the host's time; with CR4.TSD set rdtsc raises #GP in ring 3 and is done
 * here instead: a counter that advances with every reading and never by itself.
 */
import { type Engine, GENERAL_INDEX } from './engine.js';
import type { Memory } from './memory.js';

/** Cycles by which every reading advances the counter. */
const CYCLES_PER_READING = 100;

export class TimeStamp {
  /** Cycles, an integer below 2^53; part of a snapshot. */
  value = 0;

  /** Executes rdtsc (length 2) or rdtscp (length 3, processor number 0) at EIP. */
  read(engine: Engine, length: number): void {
    const { state } = engine;
    this.value += CYCLES_PER_READING;
    state[GENERAL_INDEX.eax] = this.value % 2 ** 32;
    state[GENERAL_INDEX.edx] = Math.floor(this.value / 2 ** 32);
    if (length === 3) state[GENERAL_INDEX.ecx] = 0;
    state[engine.eip] = (state[engine.eip] ?? 0) + length;
  }
}

/** Length of the rdtsc or rdtscp at this address; 0 for anything else. */
export function isRdtsc(memory: Memory, address: number): number {
  const code = memory.read(address, 2);
  if (code === null || code[0] !== 0x0f) return 0;
  if (code[1] === 0x31) return 2;
  return code[1] === 0x01 && memory.read(address + 2, 1)?.[0] === 0xf9 ? 3 : 0;
}
