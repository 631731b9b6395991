import type { Kernel } from '../kernel.js';
import type { Task } from '../state.js';
import { readUser, writeUser } from '../user.js';

/**
 * Clocks and time structures. Time is a number of nanoseconds since boot that moves only when every task sleeps, so a run
 * never depends on the host's clock.
 */
export const NANOSECONDS = 1_000_000_000;
/** Flag of clock_nanosleep and timer_settime. */
export const TIMER_ABSTIME = 1;

const CLOCK_REALTIME = 0;
const CLOCK_REALTIME_COARSE = 5;
const CLOCK_REALTIME_ALARM = 8;
const CLOCK_TAI = 11;

function isRealtime(clock: number): boolean {
  return [CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_REALTIME_ALARM, CLOCK_TAI].includes(clock);
}

/** Clocks that clock_gettime knows: 0..11 but 10, and per-process ones (negative) which stand still. */
export function isClock(clock: number): boolean {
  return (clock >= 0 && clock <= CLOCK_TAI && clock !== 10) || clock < 0;
}

/** Value of a clock as seconds and nanoseconds. */
export function readClock(kernel: Kernel, clock: number): { seconds: number; nanoseconds: number } {
  const { now } = kernel.state;
  const seconds = Math.floor(now / NANOSECONDS) + (isRealtime(clock) ? kernel.config.bootTime : 0);
  return { seconds, nanoseconds: now % NANOSECONDS };
}

/** Nanoseconds of KernelState.now at which a clock shows this time. */
export function clockToNow(kernel: Kernel, clock: number, nanoseconds: number): number {
  return nanoseconds - (isRealtime(clock) ? kernel.config.bootTime * NANOSECONDS : 0);
}

export type TimeResult = number | 'fault' | 'invalid';

/** A timespec (32-bit: two words; 64-bit: two 8-byte fields of which the second's high half is padding) in nanoseconds. */
export function readTimespec(kernel: Kernel, task: Task, address: number, is64: boolean): TimeResult {
  const bytes = readUser(kernel, task, address, is64 ? 16 : 8);
  if (bytes === null) return 'fault';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seconds = is64 ? Number(view.getBigInt64(0, true)) : view.getInt32(0, true);
  const nanoseconds = is64 ? view.getInt32(8, true) : view.getInt32(4, true);
  if (seconds < 0 || nanoseconds < 0 || nanoseconds >= NANOSECONDS) return 'invalid';
  return seconds * NANOSECONDS + nanoseconds;
}

export function writeTimespec(
  kernel: Kernel,
  task: Task,
  address: number,
  is64: boolean,
  time: { seconds: number; nanoseconds: number },
): boolean {
  const bytes = new Uint8Array(is64 ? 16 : 8);
  const view = new DataView(bytes.buffer);
  if (is64) {
    view.setBigInt64(0, BigInt(time.seconds), true);
    view.setInt32(8, time.nanoseconds, true);
  } else {
    view.setInt32(0, time.seconds, true);
    view.setInt32(4, time.nanoseconds, true);
  }
  return writeUser(kernel, task, address, bytes);
}

export function splitNanoseconds(nanoseconds: number): { seconds: number; nanoseconds: number } {
  return { seconds: Math.floor(nanoseconds / NANOSECONDS), nanoseconds: nanoseconds % NANOSECONDS };
}

/** Absolute deadline of a relative timeout at `address`; null for a null pointer: for ever. */
export function durationAt(kernel: Kernel, task: Task, address: number, is64: boolean): TimeResult | null {
  if (address === 0) return null;
  const duration = readTimespec(kernel, task, address, is64);
  return typeof duration === 'number' ? kernel.state.now + duration : duration;
}
