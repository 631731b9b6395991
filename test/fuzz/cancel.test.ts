// The target `cancel`: each control of a rule is found from a fixed seed, by the rule that it breaks, and reduced.
import { describe, expect, it } from 'vitest';
import { PLANTS } from '../../src/fuzz/plants.js';
import { runFuzz } from '../../src/fuzz/session.js';
import { RULES } from '../../src/rules/judge.js';
import { replay } from '../../src/suite/replay.js';
import { parseToken } from '../../src/suite/token.js';

const options = { seed: 1, goOn: () => false, jobs: 1, corpus: [], cases: 60 };
const controls = PLANTS.filter(({ target }) => target === 'cancel');

describe('the mistakes to plant', () => {
  it('are at least one for each rule', () => {
    const broken = new Set(PLANTS.flatMap(({ rules }) => rules));
    expect(RULES.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
  });
});

describe('a mistake in the proposal of sticky signals', () => {
  const sticky = PLANTS.filter(({ id }) => id.startsWith('sticky-'));

  it('is there for each of its six sentences', () => {
    expect(sticky.map(({ rules }) => rules[0])).toEqual([1, 2, 3, 4, 5, 6].map((n) => `sticky-${n}`));
  });

  it.each(sticky)('$id is found: $title', async ({ id, rules }) => {
    const spec = { target: 'cancel', plant: id, design: null, scenario: null } as const;
    const { findings } = await runFuzz(spec, { ...options, cases: 200 });
    expect(rules).toContain(findings[0]?.finding.rule);
    expect(findings[0]?.smallest.length).toBeLessThan(12);
  });
});

describe('a control of a rule', () => {
  it('is one of at least ten', () => {
    expect(controls.length).toBeGreaterThanOrEqual(10);
  });

  it.each(controls.slice(0, 4))('$id is found: $title', async ({ id, rules }) => {
    const spec = { target: 'cancel', plant: id, design: null, scenario: null } as const;
    const { findings } = await runFuzz(spec, options);
    const [found] = findings;
    expect(rules).toContain(found?.finding.rule);
    const token = parseToken(found?.token ?? '');
    expect(token.ok).toBe(true);
    if (!token.ok) return;
    const replayed = replay(token.token);
    expect(replayed.ok && replayed.replay.verdict).toMatchObject({
      kind: 'violation',
      violations: expect.arrayContaining([expect.objectContaining({ rule: found?.finding.rule })]),
    });
  });
});
