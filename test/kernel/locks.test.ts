// Advisory locks as data: who is in whose way, and what is left of a range.
import { describe, expect, test } from 'vitest';
import { dropLocks, type FileLock, isLockedAway, unlock } from '../../src/kernel/fs/locks.js';
import { makeKernel } from './helpers.js';

const OBJECT = 7;
const PROCESS = { kind: 'process', id: 100 } as const;
const FILE = { kind: 'file', id: 3 } as const;

function record(owner: FileLock['owner'], type: FileLock['type'], from: number, to: number): FileLock {
  return { object: OBJECT, kind: 'record', owner, type, from, to };
}

describe('locks', () => {
  test('of others are in the way where ranges meet and one of them writes', () => {
    const kernel = makeKernel();
    kernel.state.locks = [record(FILE, 'read', 10, 19)];
    expect(isLockedAway(kernel, record(PROCESS, 'read', 0, 99))).toBe(false);
    expect(isLockedAway(kernel, record(PROCESS, 'write', 0, 9))).toBe(false);
    expect(isLockedAway(kernel, record(PROCESS, 'write', 19, 30))).toBe(true);
    expect(isLockedAway(kernel, record(FILE, 'write', 0, 99))).toBe(false);
    expect(isLockedAway(kernel, { ...record(PROCESS, 'write', 0, 99), kind: 'flock' })).toBe(false);
    expect(isLockedAway(kernel, { ...record(PROCESS, 'write', 0, 99), object: OBJECT + 1 })).toBe(false);
  });

  test('keep what is on both sides of an unlocked range', () => {
    const kernel = makeKernel();
    kernel.state.locks = [record(PROCESS, 'write', 0, 99)];
    unlock(kernel, record(PROCESS, 'read', 10, 19));
    expect(kernel.state.locks).toEqual([record(PROCESS, 'write', 0, 9), record(PROCESS, 'write', 20, 99)]);
  });

  test('go with their owner, and nobody else’s do', () => {
    const kernel = makeKernel();
    kernel.state.locks = [record(PROCESS, 'read', 0, 9), record(FILE, 'read', 0, 9)];
    dropLocks(kernel, PROCESS, OBJECT);
    expect(kernel.state.locks).toEqual([record(FILE, 'read', 0, 9)]);
  });
});
