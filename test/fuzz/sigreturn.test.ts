// The target `sigreturn`: what handlers put into their frames is what comes back, in the model and on this machine's kernel.
import { describe, expect, it } from 'vitest';
import { Draws } from '../../src/fuzz/core/draws.js';
import { Random } from '../../src/fuzz/core/random.js';
import { fuzzImages } from '../../src/fuzz/entry/images.js';
import { replayStage } from '../../src/fuzz/replay.js';
import { runFuzz } from '../../src/fuzz/session.js';
import { expectReturn, howReturned } from '../../src/fuzz/sigreturn/expect.js';
import { SigreturnTarget } from '../../src/fuzz/sigreturn/target.js';

const options = { seed: 1, goOn: () => false, jobs: 1, corpus: [] };
const spec = { target: 'sigreturn', plant: null, design: null, scenario: null } as const;

describe('returns from handlers', () => {
  it('restore what the frames say, and what this machine restores', async () => {
    const { report, findings } = await runFuzz(spec, { ...options, cases: 1500 });
    expect(findings).toEqual([]);
    expect(report.inconclusive).toEqual([]);
    expect(report.reached).toBeGreaterThan(100);
    const { compared, skipped } = report.hardware;
    // Where there is no 32-bit kernel or no ptrace, each case says so.
    expect(compared + skipped.reduce((sum, [, times]) => sum + times, 0)).toBeGreaterThan(20);
  });

  it('come to the same whatever was run before', () => {
    const target = new SigreturnTarget(fuzzImages().slice(0, 2));
    try {
      const cases = Array.from({ length: 30 }, (_, i) => new Draws([], new Random(4, i)));
      const first = cases.map((draws) => target.run(draws));
      const again = cases.map((draws) => new Draws(draws.taken)).reverse();
      expect(again.map((draws) => target.run(draws)).reverse()).toEqual(first);
      for (const draws of cases.slice(0, 3)) {
        expect(replayStage(target.token(draws))).toMatchObject({ ok: true, story: { finding: null } });
      }
    } finally {
      target.close();
    }
  });

  it.each([
    ['a register', 'edi', (world: PlayedWorld) => world.cpu.set('edi', 0x1234)],
    ['the mask', 'mask 33..64', (world: PlayedWorld) => world.kernel.state.tasks.forEach(blockHigh)],
    ['orig_eax', 'orig_eax', (world: PlayedWorld) => world.kernel.state.tasks.forEach(restartable)],
  ])('that leave %s wrong are found', (_, what, spoil) => {
    const [image] = fuzzImages();
    if (image === undefined) throw new Error('no image');
    const target = new SigreturnTarget([image]);
    try {
      const player = target.player(target.trial(new Draws([])));
      const { world } = player;
      // The stage has no way to stop in a return, so the last frame is looked at again.
      player.play();
      const frame = world.history.findLast(({ kind }) => kind === 'sigreturn');
      if (frame?.kind !== 'sigreturn') throw new Error('nothing returned');
      const at = { esp: world.cpu.get('esp'), eip: world.cpu.get('eip') };
      world.cpu.set('esp', frame.frame + 4);
      const expected = expectReturn(world, true);
      world.cpu.set('esp', at.esp);
      world.cpu.set('eip', frame.context.eip);
      expect(howReturned(world, expected)).toBeNull();
      spoil(world);
      expect(howReturned(world, expected)?.what).toBe(what);
    } finally {
      target.close();
    }
  });
});

type PlayedWorld = ReturnType<SigreturnTarget['player']>['world'];

function blockHigh(task: PlayedWorld['current']): void {
  task.blocked = { low: task.blocked.low, high: 1 };
}

function restartable(task: PlayedWorld['current']): void {
  task.origEax = 3;
}
