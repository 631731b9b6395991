// The target `entry` on code that is known to be good, and each planted mistake found from a fixed seed and reduced.
import { describe, expect, it } from 'vitest';
import { parseStageToken } from '../../src/fuzz/core/token.js';
import { PLANTS } from '../../src/fuzz/plants.js';
import { replayStage } from '../../src/fuzz/replay.js';
import { runFuzz } from '../../src/fuzz/session.js';

const options = { seed: 1, goOn: () => false, jobs: 1, corpus: [] };
const shipped = { target: 'entry', plant: null, design: null, scenario: null } as const;

describe('the entry', () => {
  it('does the same on every form, for every CPU and by int $0x80', async () => {
    const { report, findings } = await runFuzz(shipped, { ...options, cases: 3000 });
    expect(findings).toEqual([]);
    expect(report.reached).toBeGreaterThan(500);
    const doubtful = report.inconclusive.reduce((sum, [, times]) => sum + times, 0);
    expect(doubtful).toBeLessThan(report.cases / 50);
  });

  it('comes to the same result from the same seed', async () => {
    const once = () => runFuzz(shipped, { ...options, cases: 400, seed: 11 });
    expect(await once()).toEqual(await once());
  });
});

const planted = PLANTS.filter(({ target }) => target === 'entry');

describe('a mistake planted in the entry', () => {
  it('is one of at least ten', () => {
    expect(planted.length).toBeGreaterThanOrEqual(10);
  });

  it.each(planted)('$id is found: $title', async ({ id, rules }) => {
    const { findings } = await runFuzz({ ...shipped, plant: id }, { ...options, cases: 750 });
    const [found] = findings;
    expect(found).toBeDefined();
    if (found === undefined) return;
    expect(rules).toContain(found.finding.rule);
    expect(found.smallest.length).toBeLessThanOrEqual(found.draws);
    const token = found.token ?? '';
    expect(parseStageToken(token).ok).toBe(true);
    const replayed = replayStage(token);
    expect(replayed.ok && replayed.story.finding).toEqual(found.finding);
  });
});

describe('a token of another code', () => {
  it('is refused', () => {
    const [image] = ['6.1-686/int80'];
    expect(replayStage(`entry+${image}+int80+0+00000000`)).toMatchObject({ ok: false });
    expect(replayStage('entry+nothing+int80+0+00000000')).toMatchObject({ ok: false });
    expect(replayStage('entry+int80')).toMatchObject({ ok: false });
  });
});
