// Clocks are one number that only moves when the model says so.
import { describe, expect, it } from 'vitest';
import { clockToNow, isClock, readClock, readTimespec, writeTimespec } from '../../src/kernel/time/clock.js';
import { nextExpiry } from '../../src/kernel/time/rearm.js';
import { firstTask, MEMORY_START, makeKernel } from './helpers.js';

const REALTIME = 0;
const MONOTONIC = 1;

describe('clocks', () => {
  it('count from boot, the wall clock from the time of boot', () => {
    const kernel = makeKernel();
    kernel.state.now = 2_000_000_003;
    expect(readClock(kernel, MONOTONIC)).toEqual({ seconds: 2, nanoseconds: 3 });
    expect(readClock(kernel, REALTIME)).toEqual({ seconds: 1002, nanoseconds: 3 });
    expect(clockToNow(kernel, REALTIME, 1002e9)).toBe(2e9);
    expect(clockToNow(kernel, MONOTONIC, 2e9)).toBe(2e9);
  });

  it('exist as Linux numbers them', () => {
    expect([0, 1, 2, 3, 7, 9, 11].every(isClock)).toBe(true);
    expect([10, 12, 77].some(isClock)).toBe(false);
  });
});

describe('a timespec', () => {
  it.each([false, true])('is read as it was written (64-bit: %s)', (is64) => {
    const kernel = makeKernel();
    const task = firstTask(kernel);
    writeTimespec(kernel, task, MEMORY_START, is64, { seconds: 5, nanoseconds: 999_999_999 });
    expect(readTimespec(kernel, task, MEMORY_START, is64)).toBe(5_999_999_999);
  });

  it('is invalid with a negative part or a whole second of nanoseconds, and a fault where nothing is', () => {
    const kernel = makeKernel();
    const task = firstTask(kernel);
    const read = (seconds: number, nanoseconds: number) => {
      writeTimespec(kernel, task, MEMORY_START, false, { seconds, nanoseconds });
      return readTimespec(kernel, task, MEMORY_START, false);
    };
    expect([read(-1, 0), read(0, -1), read(0, 1e9)]).toEqual(['invalid', 'invalid', 'invalid']);
    expect(readTimespec(kernel, task, 8, false)).toBe('fault');
  });

  it('of 64 bits ignores the upper half of the nanoseconds', () => {
    const kernel = makeKernel();
    const task = firstTask(kernel);
    writeTimespec(kernel, task, MEMORY_START, true, { seconds: 1, nanoseconds: 7 });
    kernel.machine.writeU32(MEMORY_START + 12, 0xffffffff);
    expect(readTimespec(kernel, task, MEMORY_START, true)).toBe(1_000_000_007);
  });
});

describe('an interval timer whose signal waited', () => {
  const timer = (expired: number | null, interval: number) => ({
    ...{ id: 0, pid: 100, tid: null, sig: 14, value: 0, clock: 1, posix: true, deadline: null, overrun: 0 },
    expired,
    interval,
  });

  it('goes on in step, and counts what it missed', () => {
    expect(nextExpiry(timer(100, 10), 100)).toEqual({ deadline: 110, missed: 0 });
    expect(nextExpiry(timer(100, 10), 109)).toEqual({ deadline: 110, missed: 0 });
    expect(nextExpiry(timer(100, 10), 110)).toEqual({ deadline: 120, missed: 1 });
    expect(nextExpiry(timer(100, 10), 135)).toEqual({ deadline: 140, missed: 3 });
  });

  it('is over when it was for once', () => {
    expect(nextExpiry(timer(100, 0), 135)).toBeNull();
    expect(nextExpiry(timer(null, 10), 135)).toBeNull();
  });
});
