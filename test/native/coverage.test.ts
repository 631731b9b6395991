// The table of what is compared with the running kernel: its cases exist, none is left out, and calls end as it says.
import { describe, expect, test } from 'vitest';
import { errno, restart } from '../../src/kernel/abi/errno.js';
import { killInfo } from '../../src/kernel/siginfo.js';
import { sendToThread } from '../../src/kernel/signal/send.js';
import { casesOf } from '../../src/native/cases.js';
import { COVERAGE, type CoverageRow } from '../../src/native/coverage.js';
import { formatPosts } from '../../src/native/points.js';
import { settleOthers } from '../../src/native/settle.js';
import { INSTRUCTION_BOUND } from '../../src/world/world.js';
import { PROGRAMS, programPath, readProgram, whyNot } from '../conformance/setup.js';
import { image, world } from '../world/programs.js';

const rows = COVERAGE.flatMap((section) => section.rows);
const covers = (prefix: string, name: string) => name === prefix || name.startsWith(`${prefix} `);
const reason = whyNot();

/** 'program arguments' of every case, with the signals it is run with. */
function allCases(): { readonly name: string; readonly signals: readonly string[] }[] {
  return PROGRAMS.flatMap((program) => {
    const found = casesOf(readProgram(program));
    if (!found.ok) throw new Error(found.reason);
    return found.cases.map(({ args, signals }) => ({
      name: [program, ...args].join(' '),
      signals: signals.map(formatPosts),
    }));
  });
}

/** fork and clone look for a signal before they do anything, and never sleep. */
const FIRST_LOOK: ReadonlyMap<string, number> = new Map([
  ['clone thread', 120],
  ['clone bad-tls', 120],
  ['children fork', 2],
]);

/** What the call returns when a signal with a handler comes while it sleeps, or before its first look. */
function interruptedWith(name: string): number | undefined {
  const [program = '', ...args] = name.split(' ');
  const running = world(programPath(program), [...args, 'n'], image('host'));
  const main = running.current.tid;
  const early = FIRST_LOOK.get(name);
  const isThere = () => {
    const { phase } = running.current;
    return early === undefined ? phase.kind === 'asleep' : phase.kind === 'entry' && phase.call.nr === early;
  };
  try {
    for (let steps = 0; !isThere() && steps < 1000; steps++) {
      running.advance(INSTRUCTION_BOUND);
      settleOthers(running, main);
    }
    sendToThread(running.kernel, 0, main, killInfo(10, 0, 1));
    running.advance(1);
    const last = running.history.at(-1);
    return last?.kind === 'return' ? last.value : undefined;
  } finally {
    running.close();
  }
}

describe('the table of what is compared', () => {
  test('has cases, or the reason for none, in every row', () => {
    const empty = rows.filter(({ cases, without }) => (cases.length === 0) === (without === undefined));
    expect(empty).toEqual([]);
    expect(new Set(rows.map(({ what }) => what)).size).toBe(rows.length);
  });

  test.skipIf(reason !== null)('names cases that exist, and every one that does', () => {
    const names = allCases().map(({ name }) => name);
    const prefixes = rows.flatMap(({ cases }) => cases);
    expect(prefixes.filter((prefix) => !names.some((name) => covers(prefix, name)))).toEqual([]);
    expect(names.filter((name) => !prefixes.some((prefix) => covers(prefix, name)))).toEqual([]);
  });

  test.skipIf(reason !== null)(
    'has every restart code with both kinds of handler, without one, and with two frames',
    () => {
      const all = allCases();
      const missing = rows
        .filter(({ code }) => code !== undefined && code !== 'EINTR')
        .flatMap(({ cases }) =>
          cases.flatMap((prefix) =>
            ['n', 'r', 'i'].flatMap((handler) => {
              const found = all.find(({ name }) => name === `${prefix} ${handler}`);
              const wanted = ['10', '10+12', '12', ...(handler === 'i' ? ['10,12'] : [])];
              return found?.signals.join(';') === wanted.join(';') ? [] : [`${prefix} ${handler}`];
            }),
          ),
        );
      expect(missing).toEqual([]);
    },
  );

  const waiting = rows.flatMap(({ code, cases }: CoverageRow) =>
    code === undefined ? [] : cases.map((name) => [name, code] as const),
  );

  test.skipIf(reason !== null).each(waiting)('%s returns %s', (name, code) => {
    expect(interruptedWith(name)).toBe(-(code === 'EINTR' ? errno.EINTR : restart[code]));
  });
});
