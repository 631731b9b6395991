// A world is a value: the same start gives the same history, and a restored snapshot the same future.
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { killInfo } from '../../src/kernel/siginfo.js';
import { sendToProcess } from '../../src/kernel/signal/send.js';
import { copyState } from '../../src/kernel/state.js';
import type { World } from '../../src/world/world.js';
import { finish, image, images, inModel, programPath, world } from './programs.js';

const THREADS = programPath('musl-1.2.3', 'compat/threads');
const RESTART = programPath('musl-1.2.3', 'conform/restart');
const POLLING = programPath('musl-1.2.3', 'conform/polling');

function open(path: string, id = 'host'): World {
  const running = world(path, [], image(id));
  onTestFinished(() => running.close());
  return running;
}

/** Everything that decides the future, and the whole past. */
function record(running: World) {
  return {
    history: [...running.history],
    state: copyState(running.kernel.state),
    digest: running.cpu.digest(),
    current: running.current.tid,
  };
}

/** Moves by small random steps: few instructions, single transitions, switches. Stops early at the end of the program. */
function wander(running: World, steps: readonly number[]): void {
  for (const step of steps) {
    if (running.schedule() !== null) return;
    if (step % 7 === 0) {
      const other = running.nextRunnable();
      if (other !== undefined) running.switchTo(other.tid);
    }
    running.advance(1 + (step % 500));
  }
}

describe('two worlds from the same options', () => {
  it.each([
    ['threads', THREADS],
    ['signals', RESTART],
    ['timeouts', POLLING],
  ])('have the same history and end in the same state: %s', (_, path) => {
    const [one, two] = [open(path), open(path)];
    finish(one);
    finish(two);
    expect(one.history.length).toBeGreaterThan(50);
    expect(record(one)).toEqual(record(two));
  });
});

describe('a snapshot', () => {
  it.each(['host', '6.1-686/sysenter'])('can be taken anywhere and gives the same future (%s)', (id) => {
    const running = open(THREADS, id);
    const origin = running.snapshot();
    fc.assert(
      fc.property(
        fc.array(fc.nat(5000), { maxLength: 400 }),
        fc.array(fc.nat(5000), { maxLength: 60 }),
        (before, meanwhile) => {
          running.restore(origin);
          wander(running, before);
          const here = running.snapshot();
          const taken = record(running);
          finish(running);
          const future = record(running);
          running.restore(here);
          expect(record(running)).toEqual(taken);
          // Another future in between must leave no trace.
          if (running.tasks().some((task) => task.phase.kind !== 'dead')) {
            sendToProcess(running.kernel, 0, 100, killInfo(15, 0, 1));
          }
          wander(running, meanwhile);
          running.restore(here);
          finish(running);
          expect(record(running)).toEqual(future);
          running.discard(here);
        },
      ),
      { numRuns: 25, seed: 7 },
    );
  });

  it('keeps the registers of tasks that are not on the CPU', () => {
    const running = open(THREADS);
    running.run(() => running.tasks().filter(({ phase }) => phase.kind !== 'dead').length === 3);
    const here = running.snapshot();
    const others = running.tasks().filter(({ tid }) => tid !== running.current.tid);
    const eips = () =>
      others.map(({ tid }) => {
        running.restore(here);
        running.switchTo(tid);
        return [running.cpu.get('eip'), running.cpu.get('esp')];
      });
    const first = eips();
    finish(running);
    expect(eips()).toEqual(first);
    expect(new Set(first.flat()).size).toBeGreaterThan(2);
  });

  it('is independent of what happens to the kernel state afterwards', () => {
    const running = open(POLLING);
    running.run(() => running.history.length > 40);
    const here = running.snapshot();
    const copy = structuredClone(here.state);
    finish(running);
    expect(here.state).toEqual(copy);
  });
});

describe('every image', () => {
  const libcs = ['musl-1.2.3', 'glibc-2.36', 'glibc-2.41'];
  it.each(images.map((one) => [one.id, one] as const))(
    'runs hello and threads of each libc: %s',
    (_, vdso) => {
      for (const libc of libcs) {
        const hello = inModel(programPath(libc, 'compat/hello'), ['a'], vdso);
        expect(hello, libc).toEqual({ out: 'hello, 1 argument\na\n', end: 'status 0' });
        const threads = inModel(programPath(libc, 'compat/threads'), [], vdso);
        expect(threads, libc).toEqual({ out: 'count 302, cancelled, cleaned 1\n', end: 'status 0' });
      }
    },
  );
});
