// Every scenario runs in the model to its end, tells its story in a sane order and reaches its window.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/kernel/history.js';
import { CPU_KINDS, type VdsoImage } from '../../src/vdso/index.js';
import { mark, role } from '../../src/world/marks.js';
import {
  CANCELLER_FIRST,
  FEEDER_FIRST,
  images,
  LIBCS,
  type ModelRun,
  marksOf,
  programPath,
  runInModel,
  SCENARIOS,
} from './model.js';
import { EXPECTED, type WindowEnd } from './scenarios.js';

const CANCELED = 0xffffffff;
const FINISHED = 0x600d;

/** The last image of each CPU kind: as different as they get. */
const byKind = CPU_KINDS.flatMap((kind) => images().findLast(({ cpu }) => cpu === kind) ?? []);

function positionOf(history: readonly Event[], name: keyof typeof mark): number {
  return history.findIndex((event) => event.kind === 'mark' && event.mark === mark[name]);
}

function expectClean({ ending, history }: ModelRun): void {
  expect(ending).toEqual({ kind: 'ended', exit: { kind: 'exited', status: 0 } });
  const bad = history.filter(({ kind }) => ['unmodelled', 'fault', 'killed', 'output'].includes(kind));
  expect(bad).toEqual([]);
}

/** BEGIN, then END and SAW with the same result, or CLEANUP and nothing more; JOINED tells the same. */
function expectStory({ history }: ModelRun, end: WindowEnd): void {
  const [begin] = marksOf(history, 'windowBegin');
  const target = begin?.tid;
  const own = ['windowBegin', 'windowEnd', 'saw', 'cleanup'] as const;
  const story = history.flatMap((event) =>
    event.kind === 'mark' && event.tid === target
      ? own.filter((name) => mark[name] === event.mark).map((name) => name)
      : [],
  );
  const cancelled = end === 'cancelled' || end.thread === 'cancelled';
  const seen = end === 'cancelled' ? [] : (['windowEnd', 'saw'] as const);
  expect(story).toEqual(['windowBegin', ...seen, ...(cancelled ? ['cleanup'] : [])]);
  if (end !== 'cancelled') {
    expect(marksOf(history, 'windowEnd')[0]?.args[1]).toBe(end.saw);
    expect(marksOf(history, 'saw')[0]?.args[0]).toBe(end.saw);
  }
  expect(marksOf(history, 'joined').map(({ args }) => args[0])).toEqual([cancelled ? CANCELED : FINISHED]);
  expect(positionOf(history, 'windowBegin')).toBeLessThan(positionOf(history, 'joined'));
}

/** glibc tells a canceller that came too late, up to 2.33: pthread_cancel(3), ESRCH. */
const ESRCH = 3;
const lateAnswers = (libc: string): readonly number[] => (libc === 'glibc-2.31' ? [0, ESRCH] : [0]);

function expectRequests({ history }: ModelRun, libc: string): void {
  const requests = marksOf(history, 'request');
  const answers = marksOf(history, 'requested');
  expect(requests.length).toBeGreaterThan(0);
  expect(answers.map(({ tid }) => tid)).toEqual(requests.map(({ tid }) => tid));
  for (const { args } of answers) expect(lateAnswers(libc)).toContain(args[0]);
}

/** The sentinels of window.h arrive, and come back. */
function expectRegisters({ history }: ModelRun): void {
  const [begin] = marksOf(history, 'windowBegin');
  const [end] = marksOf(history, 'windowEnd');
  expect(begin?.saved).toMatchObject({
    ebx: 0xb0b0b0b1,
    esi: 0x51515152,
    edi: 0xd1d1d1d3,
    ebp: 0xeb0eb0e4,
    df: false,
  });
  expect((begin?.saved.esp ?? 1) % 16).toBe(0);
  if (end !== undefined) expect(end.saved).toEqual(begin?.saved);
}

function expectAccounts({ history }: ModelRun): void {
  const accounts = marksOf(history, 'resource').map(({ args: [expected, actual] }) => ({ expected, actual }));
  expect(accounts.map(({ actual }) => actual)).toEqual(accounts.map(({ expected }) => expected));
}

const sleptInWindow = ({ history }: ModelRun): boolean => {
  const target = marksOf(history, 'windowBegin')[0]?.tid;
  const from = positionOf(history, 'windowBegin');
  const until = history.findIndex(
    (e, i) => i > from && e.kind === 'mark' && e.tid === target && e.mark !== mark.disabled,
  );
  return history.slice(from, until).some((event) => event.kind === 'sleep' && event.tid === target);
};

test('every scenario has an expectation, and there is one image of each CPU kind to run it on', ({
  skip,
}) => {
  expect(Object.keys(EXPECTED).sort()).toEqual(SCENARIOS);
  if (byKind.length === 0) return skip('no vDSO image is here: node scripts/bootstrap.mjs');
  expect(byKind.map(({ cpu }) => cpu)).toEqual(CPU_KINDS);
});

/** Every CPU kind for musl; glibc's programs are larger and take the same way, so one has to do. */
const imagesFor = (libc: string): VdsoImage[] => (libc.startsWith('musl') ? byKind : byKind.slice(-1));

describe.each(LIBCS)('%s', (libc) => {
  describe.each(SCENARIOS)('%s', (scenario) => {
    const expected = EXPECTED[scenario];
    const orders = [
      ['the feeder', FEEDER_FIRST, expected?.feederFirst],
      ['the canceller', CANCELLER_FIRST, expected?.cancellerFirst],
    ] as const;

    test.for(orders)('ends as it should when %s goes first', ([, order, end], { skip }) => {
      if (byKind.length === 0 || !existsSync(programPath(libc, scenario))) {
        return skip(`${libc} or a vDSO image is not here: node scripts/bootstrap.mjs`);
      }
      for (const image of imagesFor(libc)) {
        const run = runInModel(libc, scenario, image, order);
        expectClean(run);
        expect(end).toBeDefined();
        const loses = expected?.lostBy?.includes(libc) === true;
        if (end !== undefined) expectStory(run, loses ? 'cancelled' : end);
        expectRequests(run, libc);
        expectRegisters(run);
        if (loses) expect(() => expectAccounts(run)).toThrow();
        else expectAccounts(run);
        expect(sleptInWindow(run)).toBe(expected?.sleeps);
        expect(run.released).toContain(role.canceller);
      }
    });
  });
});
