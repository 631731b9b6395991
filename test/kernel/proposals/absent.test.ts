// Without a proposal nothing of the layer shows: sweeps are the same, byte for byte, when it is cut out of the model.
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it, type TestContext, vi } from 'vitest';
import type { Event } from '../../../src/kernel/history.js';
import type { Kernel } from '../../../src/kernel/kernel.js';
import type { Call, Task } from '../../../src/kernel/state.js';
import { cellId, subjectFor, withSession } from '../../suite/cells.js';

const HOOKS = '../../../src/kernel/proposals/hooks.js';

/** What Linux does at each hook, and nothing else. */
const LINUX = {
  knownFlags: () => 0xdc000807,
  splitNumber: (_: Kernel, eax: number) => ({ nr: eax, cancellable: false }),
  beforeCall: (_: Kernel, __: Task, ___: Call) => null,
  afterCall: () => undefined,
  countsAsPending: () => false,
  keptAway: (_: Kernel, task: Task) => task.blocked,
  beforeExit: () => undefined,
  hasUnsettledCode: () => false,
  exitGoesRound: () => false,
  endsInsteadOfRestart: () => false,
  numberAgain: (_: Kernel, __: Task, nr: number) => nr,
  onDelivery: () => undefined,
  onSigreturn: () => undefined,
  onClone: () => undefined,
  stopsClone: () => false,
  endsAnySleep: (_: Kernel, __: Task, sig: number) => sig === 9,
  fatalPending: () => false,
};

/** A hash over every event of every run of a sweep, and over the kernel's state at its end. */
async function digest(scenario: string, context: TestContext): Promise<string> {
  const { sweep } = await import('../../../src/explore/sweep.js');
  const { Session } = await import('../../../src/explore/session.js');
  const opened = Session.open(subjectFor(cellId('pc-check', scenario), context));
  if (!opened.ok) throw new Error(opened.reason);
  const { session } = opened;
  const hash = createHash('sha256');
  const text = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
  sweep(session, ({ history, ending }: { history: readonly Event[]; ending: unknown }) => {
    hash.update(JSON.stringify([history, ending, session.world.kernel.state], text));
  });
  session.close();
  return hash.digest('hex');
}

afterAll(() => {
  vi.doUnmock(HOOKS);
  vi.resetModules();
});

describe('a kernel without a proposal', () => {
  it.each(['read-empty', 'write-drained', 'disabled'])(
    'gives the same histories and states of %s as one without the layer',
    async (scenario) => {
      const context = { skip: (why: string) => Promise.reject(new Error(why)) } as unknown as TestContext;
      vi.resetModules();
      vi.doUnmock(HOOKS);
      const off = await digest(scenario, context);
      vi.resetModules();
      vi.doMock(HOOKS, () => LINUX);
      const without = await digest(scenario, context);
      expect(off).toBe(without);
    },
    60_000,
  );

  it('keeps nothing for a thread', (context) => {
    withSession(subjectFor(cellId('pc-check', 'read-empty'), context), ({ world }) => {
      world.run();
      expect(world.tasks().some((task) => 'proposal' in task)).toBe(false);
    });
  });
});
