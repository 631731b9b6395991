/** One injection into musl's blocked read, from the point at which it sleeps to the program's end, and being undone. */

import { walk } from '../dist/explore/points.js';
import { runFrom } from '../dist/explore/run.js';
import { Session } from '../dist/explore/session.js';
import { judge } from '../dist/rules/judge.js';
import { findSubject } from '../dist/suite/catalog.js';
import { bareStep, repeat } from './cpu.js';
import { type Candidate, measure, printTable } from './measure.js';

const CELL = { libc: 'musl-1.2.3', design: 'pc-check', vdso: 'host', scenario: 'read-empty' };
/** Enough that the first, uncounted rounds are behind the compiler. */
const RUNS = 1000;

export function benchInjection(): void {
  printTable('an injection: read of an empty pipe, asleep (limit: 170 steps)', measure(candidates()));
  // By itself: worlds that come and go leave neither caches nor heap as they were.
  printTable(
    'opening a session',
    measure([bareStep(), repeat('a world, run to its window', 5, () => open().close())]),
  );
}

function open(): Session {
  const found = findSubject(CELL);
  if (!found.ok) throw new Error(found.reason);
  const opened = Session.open(found.subject);
  if (!opened.ok) throw new Error(opened.reason);
  return opened.session;
}

function candidates(): Candidate[] {
  const session = open();
  let index = 0;
  for (const point of walk(session)) {
    index = point.index;
    if (point.moment === 'asleep') break;
  }
  const asleep = session.snapshot();
  const inject = () => runFrom(session, index, 'cancel');
  const run = inject();
  const ended = { ...run, history: [...run.history] };
  session.restore(asleep);
  return [
    bareStep(),
    repeat('injection: cancel, run to the end, restore', RUNS, () => {
      inject();
      session.restore(asleep);
    }),
    repeat('judging its history by every rule', RUNS, () => judge(ended)),
    repeat('snapshot, restore and discard of the whole world', RUNS, () => {
      const here = session.snapshot();
      session.restore(here);
      session.discard(here);
    }),
  ];
}
