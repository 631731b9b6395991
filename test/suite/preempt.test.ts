// The canceller preempted before each of its own transitions: shipped code loses nothing, a request in the wrong order does.
import { describe, expect, it } from 'vitest';
import { PREEMPTION_CONTROLS } from '../../src/design/designs.js';
import { type PairsResult, runPreemptions } from '../../src/suite/pairs.js';
import { replay } from '../../src/suite/replay.js';
import { verdictOf } from '../../src/suite/types.js';
import { cellId, sweptCell } from './cells.js';

type Swept = Extract<PairsResult, { kind: 'swept' }>;

function preempted(design: string, merge = true): Swept {
  const result = runPreemptions(cellId(design, 'read-empty', '6.1-686/int80'), merge);
  if (result.kind === 'skipped') throw new Error(result.reason);
  return result;
}

const modes = ({ orders }: Swept) => orders.map(({ first, second }) => `${first} ${second}`);

describe('a canceller that is preempted in its request', () => {
  it('loses nothing with musl as shipped, wherever it goes on', () => {
    const result = preempted('pc-check');
    expect(modes(result)).toEqual(['cancel preempt', 'preempt resume']);
    for (const { pairs, passed, executed } of result.orders) {
      expect(passed).toBe(pairs);
      expect(pairs).toBeGreaterThan(10_000);
      expect(executed).toBeLessThan(pairs / 10);
    }
  });

  for (const { id, title, breaks } of PREEMPTION_CONTROLS) {
    describe(`${id}: ${title}`, () => {
      const merged = preempted(id);

      it('is clean when every request runs through', (context) => {
        expect(verdictOf(sweptCell(cellId(id, breaks.scenario), context))).toBe('clean');
      });

      it(`breaks ${breaks.rule} alone, and only between the signal and the word`, () => {
        const [waits, resumes] = merged.orders;
        for (const { findings, passed, pairs, inconclusive } of merged.orders) {
          expect(findings.length).toBeGreaterThan(0);
          expect([passed + findings.length, inconclusive]).toEqual([pairs, 0]);
          const rules = findings.flatMap(({ second: { verdict } }) =>
            verdict.kind === 'violation' ? verdict.violations.map(({ rule }) => rule) : [],
          );
          expect(new Set(rules)).toEqual(new Set([breaks.rule]));
        }
        const names = waits?.findings.map(({ second }) => `${second.moment} ${second.place.name}`);
        expect([...new Set(names)]).toEqual([
          'exit pthread_cancel+59',
          'user pthread_cancel+61',
          'user pthread_cancel+65',
        ]);
        expect(resumes?.findings.every(({ choices }) => choices.length === 3)).toBe(true);
      });

      it('gives the same verdicts when equal states are not merged', () => {
        const verdicts = ({ orders }: Swept) => orders.map(({ executed, ...rest }) => rest);
        expect(verdicts(preempted(id, false))).toEqual(verdicts(merged));
      });

      it('replays: the token of a finding of either kind gives its verdict', () => {
        for (const { findings } of merged.orders) {
          const [finding] = findings;
          if (finding === undefined) throw new Error('no finding');
          const again = replay({ id: merged.id, choices: finding.choices, code: merged.code });
          expect(again.ok && again.replay.verdict).toEqual(finding.second.verdict);
        }
      });

      it('refuses a token whose canceller does not come to the point', () => {
        const choices = [
          { index: 0, action: 'cancel' },
          { index: 100_000, action: 'preempt' },
        ] as const;
        const again = replay({ id: merged.id, choices, code: merged.code });
        expect(again).toEqual({ ok: false, reason: 'the request has no point 100000' });
      });
    });
  }
});
