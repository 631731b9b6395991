import type { Cpu } from '../cpu/index.js';
import type { CalleeSaved } from '../kernel/state.js';

/**
 * Watches the cancellation point as a function: the registers with which it is entered, and those with which it is left,
 * by its return or to the place that acts on the cancellation. Only instruction by instruction can this be seen, so the
 * thread is stepped while it is inside its window.
 */
export interface PointAddresses {
  readonly enter: number | null;
  readonly act: readonly number[];
}

/** The call being watched: where it returns to, and the stack pointer then. */
export interface WatchedCall {
  readonly returnTo: number;
  readonly esp: number;
}

export interface Sighting {
  readonly what: 'call' | 'return' | 'act';
  readonly saved: CalleeSaved;
  readonly value: number;
  readonly watched: WatchedCall | null;
}

const EFLAGS_DF = 0x400;

function calleeSaved(cpu: Cpu, esp: number): CalleeSaved {
  return {
    ebx: cpu.get('ebx'),
    esi: cpu.get('esi'),
    edi: cpu.get('edi'),
    ebp: cpu.get('ebp'),
    esp,
    df: (cpu.getControlFlags() & EFLAGS_DF) !== 0,
  };
}

/**
 * What the next instruction means for the watch; null for nothing. At a return the caller's ESP (after `ret`) is shown as
 * it was at the call, so that the two can be compared.
 */
export function sight(
  cpu: Cpu,
  { enter, act }: PointAddresses,
  watched: WatchedCall | null,
): Sighting | null {
  const eip = cpu.get('eip');
  const esp = cpu.get('esp');
  if (eip === enter) {
    const returnTo = cpu.readU32(esp) ?? 0;
    return { what: 'call', saved: calleeSaved(cpu, esp), value: 0, watched: { returnTo, esp } };
  }
  if (act.includes(eip)) return { what: 'act', saved: calleeSaved(cpu, esp), value: 0, watched: null };
  if (watched !== null && eip === watched.returnTo) {
    return {
      what: 'return',
      saved: calleeSaved(cpu, (esp - 4) >>> 0),
      value: cpu.get('eax') | 0,
      watched: null,
    };
  }
  return null;
}
