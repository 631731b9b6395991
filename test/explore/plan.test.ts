// The denominator: which points a window has, and that a sweep runs each of them once.
import { describe, expect, it, type TestContext } from 'vitest';
import { undisturbed } from '../../src/explore/choices.js';
import { type Point, walk } from '../../src/explore/points.js';
import { missingReaches } from '../../src/explore/reach.js';
import { runWith } from '../../src/explore/run.js';
import { SCENARIOS } from '../../src/explore/scenarios.js';
import { sweep } from '../../src/explore/sweep.js';
import { mark } from '../../src/world/marks.js';
import { cellId, subjectFor, withSession } from '../suite/cells.js';

const DESIGNS = ['pc-check', 'naive-vdso'];
const CASES = DESIGNS.flatMap((design) =>
  ['read-empty', 'read-data', 'read-arriving'].map((scenario) => ({ design, scenario })),
);

function pointsOf(design: string, scenario: string, context: TestContext): Point[] {
  return withSession(subjectFor(cellId(design, scenario), context), (session) => [...walk(session)]);
}

for (const { design, scenario } of CASES) {
  describe(`the plan of ${scenario}, ${design}`, () => {
    it('has the points of the main line, numbered from 0', (context) => {
      const points = pointsOf(design, scenario, context);
      expect(points.map(({ index }) => index)).toEqual(points.map((_, at) => at));
    });

    it('has one point before every instruction that an undisturbed, traced run executes', (context) => {
      const subject = subjectFor(cellId(design, scenario), context);
      const executed = withSession(subject, (session) => {
        const seen: number[] = [];
        session.tracer = (tid, eip) => {
          if (tid === session.target && !session.over) seen.push(eip);
        };
        runWith(session, undisturbed);
        return seen;
      });
      const planned = pointsOf(design, scenario, context).filter(({ moment }) => moment === 'user');
      expect(planned.map(({ address }) => address)).toEqual(executed);
    });

    it('is swept completely: each point once, in order', (context) => {
      const subject = subjectFor(cellId(design, scenario), context);
      const { planned, executed, missing, results } = withSession(subject, (session) =>
        sweep(session, () => null),
      );
      const points = pointsOf(design, scenario, context);
      expect({ planned, executed, missing }).toEqual({
        planned: points.length,
        executed: points.length,
        missing: [],
      });
      expect(results.map(({ point }) => point)).toEqual(points);
    });
  });
}

describe('the end of a window', () => {
  it('is the mark of the program where the call returns', (context) => {
    const subject = subjectFor(cellId('pc-check', 'read-data'), context);
    withSession(subject, (session) => {
      const last = [...walk(session)].at(-1);
      expect(last).toMatchObject({ moment: 'entry', nr: mark.windowEnd });
      expect(session.over).toBe(true);
    });
  });

  it('is a sleep without end where nobody wakes the thread', (context) => {
    const last = pointsOf('pc-check', 'read-empty', context).at(-1);
    expect(last?.moment).toBe('asleep');
  });

  it('leads through the kernel’s moments in their order', (context) => {
    const moments = pointsOf('pc-check', 'read-arriving', context)
      .filter(({ moment, nr }) => moment !== 'user' && nr !== mark.windowEnd)
      .map(({ moment }) => moment);
    expect(moments).toEqual(['entry', 'asleep', 'woken', 'exit']);
  });
});

describe('a main line that goes round in the kernel for ever', () => {
  it('has an end: the cancelled thread of a kernel that keeps the signal pending', (context) => {
    const subject = subjectFor(cellId('sticky-signal', 'cancelled-twice'), context);
    withSession(subject, (session) => {
      expect([...walk(session)].at(-1)?.moment).toBe('exit');
      expect(session.over).toBe(false);
    });
  });
});

describe('what a scenario promises', () => {
  for (const { id } of SCENARIOS) {
    it(`is kept by the main line of ${id}`, (context) => {
      const subject = subjectFor(cellId('pc-check', id), context);
      withSession(subject, (session) => {
        expect([...walk(session)].length).toBeGreaterThan(0);
        expect(missingReaches(session, subject.scenario.reaches)).toEqual([]);
      });
    });
  }

  it('is reported when the main line does not show it', (context) => {
    const subject = subjectFor(cellId('pc-check', 'read-empty'), context);
    const wrong = {
      ...subject,
      scenario: { ...subject.scenario, reaches: ['sleep', 'consumed', 'end'] as const },
    };
    expect(withSession(wrong, (session) => sweep(session, () => null)).missing).toEqual(['consumed', 'end']);
  });
});
