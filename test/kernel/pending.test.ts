// Queues of pending signals: what is kept, and what comes out first.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { killInfo } from '../../src/kernel/siginfo.js';
import {
  dequeueFrom,
  dequeueSignal,
  enqueue,
  flush,
  recalcSignalPending,
  setBlocked,
  take,
} from '../../src/kernel/signal/pending.js';
import { EMPTY, has, only, signalSet, union } from '../../src/kernel/sigset.js';
import type { SignalQueue } from '../../src/kernel/state.js';
import { firstTask, makeKernel } from './helpers.js';

const queue = (): SignalQueue => ({ set: EMPTY, infos: [] });
const SYNCHRONOUS = [4, 5, 7, 8, 11, 31];

function drain(from: SignalQueue, blocked = EMPTY): { sig: number; id: number }[] {
  const out: { sig: number; id: number }[] = [];
  for (let info = dequeueFrom(from, blocked); info !== null; info = dequeueFrom(from, blocked)) {
    out.push({
      sig: info.signo,
      id: new DataView(info.bytes.buffer, info.bytes.byteOffset).getInt32(12, true),
    });
  }
  return out;
}

describe('a signal queue', () => {
  it('keeps one instance of a standard signal, the first, and every one of a real-time signal, in order', () => {
    const q = queue();
    expect([10, 10, 40, 40].map((sig, i) => enqueue(q, killInfo(sig, 0, i)))).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(drain(q)).toEqual([
      { sig: 10, id: 0 },
      { sig: 40, id: 2 },
      { sig: 40, id: 3 },
    ]);
  });

  it('gives synchronous signals first, then by number, then by arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 64 })), (sigs) => {
        const q = queue();
        const kept = sigs
          .map((sig, id) => ({ sig, id }))
          .filter(({ sig, id }) => enqueue(q, killInfo(sig, 0, id)));
        const rank = (sig: number) => (SYNCHRONOUS.includes(sig) ? 0 : 1);
        kept.sort((a, b) => rank(a.sig) - rank(b.sig) || a.sig - b.sig || a.id - b.id);
        expect(drain(q)).toEqual(kept);
        expect(q).toEqual(queue());
      }),
    );
  });

  it('leaves blocked signals alone', () => {
    const q = queue();
    for (const sig of [10, 12, 40]) enqueue(q, killInfo(sig, 0, 0));
    expect(drain(q, union(only(10), only(40))).map(({ sig }) => sig)).toEqual([12]);
    expect([10, 12, 40].map((sig) => has(q.set, sig))).toEqual([true, false, true]);
  });

  it('stays marked until the last instance is taken', () => {
    const q = queue();
    enqueue(q, killInfo(50, 0, 1));
    enqueue(q, killInfo(50, 0, 2));
    take(q, 50);
    expect(has(q.set, 50)).toBe(true);
    take(q, 50);
    expect(has(q.set, 50)).toBe(false);
    expect(take(q, 50)).toBeNull();
  });

  it('can drop signals with every instance', () => {
    const q = queue();
    for (const sig of [50, 50, 10]) enqueue(q, killInfo(sig, 0, 0));
    flush(q, only(50));
    expect(drain(q).map(({ sig }) => sig)).toEqual([10]);
  });
});

describe('signal_pending', () => {
  it("takes the thread's own queue before the process's", () => {
    const kernel = makeKernel();
    const task = firstTask(kernel);
    const [process] = kernel.state.processes;
    if (process === undefined) throw new Error('no process');
    enqueue(process.pending, killInfo(10, 0, 1));
    enqueue(task.pending, killInfo(50, 0, 2));
    recalcSignalPending(kernel, task);
    expect(task.signalPending).toBe(true);
    expect(dequeueSignal(kernel, task, EMPTY)?.signo).toBe(50);
    expect(dequeueSignal(kernel, task, EMPTY)?.signo).toBe(10);
    expect(task.signalPending).toBe(false);
  });

  it('follows the mask', () => {
    const kernel = makeKernel();
    const task = firstTask(kernel);
    enqueue(task.pending, killInfo(10, 0, 1));
    setBlocked(kernel, task, only(10));
    expect(task.signalPending).toBe(false);
    setBlocked(kernel, task, only(12));
    expect(task.signalPending).toBe(true);
  });

  it('is not to be blocked for KILL and STOP', () => {
    const kernel = makeKernel();
    const task = firstTask(kernel);
    setBlocked(kernel, task, signalSet(0xffffffff, 0xffffffff));
    expect([9, 19].map((sig) => has(task.blocked, sig))).toEqual([false, false]);
    expect([8, 10, 18, 20, 33].every((sig) => has(task.blocked, sig))).toBe(true);
  });
});
