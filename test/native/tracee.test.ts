// Driving a real process: it stops where it should, shows what it has, and leaves nothing behind.
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { runTo } from '../../src/native/pair.js';
import { probeMachine } from '../../src/native/probe.js';
import { ReusedProcess } from '../../src/native/reuse.js';
import { takeOutput } from '../../src/native/spawn.js';
import { Tracee } from '../../src/native/tracee.js';
import { programPath, readProgram, whyNot } from '../conformance/setup.js';

const reason = whyNot() ?? (probeMachine().ok ? null : 'no 32-bit programs or no ptrace here');
const started: Tracee[] = [];

function start(...args: string[]): Tracee {
  const result = Tracee.start([programPath('frame'), ...args]);
  if (!result.ok) throw new Error(result.reason);
  started.push(result.tracee);
  return result.tracee;
}

function symbol(name: string): number {
  return readProgram('frame').findSymbol(name)?.value ?? 0;
}

afterEach(() => {
  for (const tracee of started.splice(0)) tracee.kill();
  takeOutput();
});

describe.skipIf(reason !== null)(`a traced process${reason === null ? '' : `: skipped, ${reason}`}`, () => {
  test('stops before its first instruction, with its arguments on the stack', () => {
    const tracee = start('plain');
    const { eip, esp } = tracee.registers();
    expect(eip).toBe(readProgram('frame').entry);
    expect(tracee.read(esp, 4)).toEqual(Uint8Array.of(2, 0, 0, 0));
  });

  test('executes one instruction a step', () => {
    const tracee = start('plain');
    expect(runTo(tracee, symbol('work'))).toBe(true);
    const { esp, ebx } = tracee.registers();
    tracee.resume('step');
    expect(tracee.wait()).toEqual({ kind: 'signal', sig: 5 });
    expect(tracee.registers()).toMatchObject({ eip: symbol('work') + 1, esp: esp - 4, ebx });
    expect(tracee.read(esp - 4, 4)).toEqual(new Uint8Array(Uint32Array.of(ebx).buffer));
  });

  test('takes registers and memory it is given', () => {
    const tracee = start('plain');
    const { esp } = tracee.registers();
    tracee.setRegisters({ ebx: 0xdeadbeef });
    tracee.write(esp, Uint8Array.of(1, 2, 3, 4));
    expect(tracee.registers().ebx).toBe(0xdeadbeef);
    expect(tracee.read(esp, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(tracee.read(0, 4)).toBeNull();
  });

  test('shows a posted signal as pending, then stops for it', () => {
    const tracee = start('plain');
    tracee.post(10);
    tracee.postToProcess(12);
    expect(tracee.signalSets()).toMatchObject({ thread: { low: 1 << 9 }, process: { low: 1 << 11 } });
    tracee.resume('continue');
    expect(tracee.wait()).toEqual({ kind: 'signal', sig: 10 });
  });

  test('ends with its status and output', () => {
    const tracee = start('plain');
    tracee.resume('continue');
    expect(tracee.wait()).toEqual({ kind: 'exited', status: 0 });
    expect(existsSync(`/proc/${tracee.pid}`)).toBe(false);
  });

  test('is gone after kill, and killing it again does nothing', () => {
    const tracee = start('plain');
    tracee.kill();
    expect(existsSync(`/proc/${tracee.pid}`)).toBe(false);
    tracee.kill();
  });

  test('a program that is not there is refused with a reason', () => {
    const result = Tracee.start(['no such program']);
    expect(result).toEqual({ ok: false, reason: 'the kernel cannot run no such program (ENOENT)' });
  });

  test('a process used again gives at every point what a new one gives', () => {
    const work = symbol('work');
    const end = start('info');
    runTo(end, work);
    const { esp } = end.registers();
    const back = new DataView((end.read(esp, 4) ?? new Uint8Array(4)).buffer).getUint32(0, true);
    const memory = [{ address: esp - 0x2000, length: 0x2000 + 64 }];
    const reused = new ReusedProcess(end, { end: back, memory });
    const points = Array.from({ length: 4 }, (_, i) => work + i);
    for (const point of points) {
      const fresh = start('info');
      runTo(fresh, work);
      const once = new ReusedProcess(fresh, { end: back, memory });
      // Registers that hold the process id do not matter: the pid is in eax alone.
      const { eax: _a, ...expected } = once.inject(point, 10);
      const { eax: _b, ...got } = reused.inject(point, 10);
      expect(got).toEqual(expected);
    }
  });
});
