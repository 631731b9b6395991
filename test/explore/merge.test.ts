// "Same state, same future" changes no verdict, and spares most of the runs.
import { describe, expect, it } from 'vitest';
import { WORKING } from '../../src/design/sticky.js';
import { sweep } from '../../src/explore/sweep.js';
import { judge } from '../../src/rules/judge.js';
import { cellId, subjectFor, withSession } from '../suite/cells.js';

const CELLS: readonly (readonly [string, string])[] = [
  ['pc-check', 'read-data'],
  ['naive-vdso', 'nanosleep'],
  ['naive-vdso', 'cleanup-calls'],
  ['vdso-helpers', 'close'],
  [WORKING, 'disable-inside'],
  ['sticky-signal:pending=per-call,block=latch,restart=eintr,nointr=exempt,clear=keep', 'thread-made'],
  ['late-eintr', 'read-data'],
  ['no-restart', 'disabled'],
  ['nested', 'read-data'],
];

describe('merging equal states', () => {
  it.for(CELLS)('gives the verdicts of every run of its own: %s %s', ([design, scenario], context) => {
    const subject = subjectFor(cellId(design, scenario), context);
    const [every, merged] = [false, true].map((merge) =>
      withSession(subject, (session) => sweep(session, judge, merge)),
    );
    expect(merged?.results).toEqual(every?.results);
    expect(merged?.executed).toBe(every?.executed);
    expect(every?.merged).toBe(0);
    expect((merged?.merged ?? 0) * 2).toBeGreaterThan(merged?.executed ?? 0);
  });
});
