// Two deliveries in one run: the counts are those of every ordered pair, merging changes no verdict, findings replay.
import { beforeAll, describe, expect, it } from 'vitest';
import { type PairsResult, runPairs } from '../../src/suite/pairs.js';
import { replay } from '../../src/suite/replay.js';
import { IMAGE, MUSL } from './cells.js';

type Swept = Extract<PairsResult, { kind: 'swept' }>;

function swept(result: PairsResult): Swept {
  if (result.kind === 'skipped') throw new Error(result.reason);
  return result;
}

const ID = {
  libc: MUSL,
  design: 'pc-check',
  vdso: IMAGE,
  scenario: 'read-empty',
  handler: 'toggles',
} as const;

describe('pairs of deliveries', () => {
  let merged: Swept;
  let every: Swept;
  beforeAll(() => {
    merged = swept(runPairs(ID, true));
    every = swept(runPairs(ID, false));
  });

  it('are judged alike whether equal states are merged or not', () => {
    const verdicts = ({ orders }: Swept) => orders.map(({ executed, ...rest }) => rest);
    expect(verdicts(merged)).toEqual(verdicts(every));
  });

  it('run at least five times less often when equal states are merged', () => {
    for (const [i, order] of merged.orders.entries()) {
      expect(order.pairs).toBe(every.orders[i]?.executed);
      expect(order.executed * 5).toBeLessThan(order.pairs);
    }
  });

  it('show that musl loses a cancellation while a handler has it disabled, and only in this order', () => {
    const [cancelFirst, signalFirst] = merged.orders;
    expect(cancelFirst?.findings).toEqual([]);
    expect(signalFirst?.findings.length).toBeGreaterThan(0);
    const places = signalFirst?.findings.map(({ second }) => second.place.name.replace(/\+.*/, ''));
    expect(new Set(places)).toContain('__pthread_setcancelstate');
  });

  it('replay: the token of a pair gives the same verdict', () => {
    const finding = merged.orders.flatMap(({ findings }) => findings)[0];
    if (finding === undefined) throw new Error('no finding');
    const again = replay({ id: merged.id, choices: finding.choices, code: merged.code });
    expect(again.ok && again.replay.verdict).toEqual(finding.second.verdict);
  });
});
