// Runs are values: the same choices give the same history, and a restored session has kept nothing of a branch.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseElf } from '../../src/elf/index.js';
import { randomChoices, recorded } from '../../src/explore/choices.js';
import { runWith } from '../../src/explore/run.js';
import { Session } from '../../src/explore/session.js';
import type { Subject } from '../../src/explore/subject.js';
import { sweep } from '../../src/explore/sweep.js';
import { assemble } from '../assembled.js';
import { cellId, historyText, subjectFor, withSession } from '../suite/cells.js';

function historyAt(subject: Subject, index: number): string {
  return withSession(subject, (session) => {
    const { run } = runWith(session, recorded([{ index, action: 'cancel' }]));
    return historyText(run);
  });
}

/** The history of every branch of a sweep. */
function histories(session: Session): string[] {
  return sweep(session, historyText).results.map(({ result }) => result);
}

describe('a session', () => {
  for (const design of ['pc-check', 'naive-vdso']) {
    it(`repeats a history byte for byte: ${design}`, (context) => {
      const subject = subjectFor(cellId(design, 'read-arriving'), context);
      for (const index of [0, 30, 60]) {
        const first = historyAt(subject, index);
        expect(first.length).toBeGreaterThan(1000);
        expect(historyAt(subject, index)).toBe(first);
      }
    });

    it(`keeps nothing of a branch: a second sweep sees what the first one saw: ${design}`, (context) => {
      const subject = subjectFor(cellId(design, 'read-arriving'), context);
      withSession(subject, (session) => {
        const first = histories(session);
        expect(new Set(first).size).toBeGreaterThan(10);
        expect(histories(session)).toEqual(first);
      });
    });

    it(`gives a branch the history of a run from scratch: ${design}`, (context) => {
      const subject = subjectFor(cellId(design, 'read-empty'), context);
      const branches = withSession(subject, histories);
      const wrong = branches.flatMap((history, index) =>
        historyAt(subject, index) === history ? [] : [index],
      );
      expect(wrong).toEqual([]);
    });
  }

  it('says when the program has no window', (context) => {
    const path = assemble('.globl _start\n_start: movl $1, %eax\nxorl %ebx, %ebx\nint $0x80\n');
    const parsed = parseElf(new Uint8Array(readFileSync(path)), 'windowless');
    if (!parsed.ok) throw new Error(parsed.error.message);
    const overlay = { segments: [], patches: [] };
    const subject = {
      ...subjectFor(cellId('pc-check', 'read-empty'), context),
      program: parsed.elf,
      overlay,
    };
    expect(Session.open(subject)).toEqual({
      ok: false,
      reason: 'read-empty did not reach its window: exit status 0',
    });
  });
});

describe('random choices', () => {
  const POINTS = 50;
  const drawn = (seed: number): number => {
    const choices = randomChoices(seed, POINTS);
    const point = (index: number) => ({ index, moment: 'user', address: 0, nr: null }) as const;
    return Array.from({ length: POINTS }, (_, i) => i).find((i) => choices.at(point(i)) === 'cancel') ?? -1;
  };

  it('draw the same point for the same seed, and all points for many seeds', () => {
    const first = Array.from({ length: 1000 }, (_, seed) => drawn(seed));
    expect(Array.from({ length: 1000 }, (_, seed) => drawn(seed))).toEqual(first);
    expect(new Set(first).size).toBe(POINTS);
    expect(Math.min(...first)).toBe(0);
  });

  it('cancel once, at the point they say', (context) => {
    const subject = subjectFor(cellId('pc-check', 'read-empty'), context);
    withSession(subject, (session) => {
      const { run, points } = runWith(session, randomChoices(7, POINTS));
      expect(points.map(({ index }) => index)).toEqual([drawn(7)]);
      expect(run.history.filter(({ kind }) => kind === 'choice')).toHaveLength(1);
      expect(run.ending).toEqual({ kind: 'ended', exit: { kind: 'exited', status: 0 } });
    });
  });
});
