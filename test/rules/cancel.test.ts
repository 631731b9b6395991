// no-lost-cancel and act-once over hand-made histories.
import { describe, expect, it } from 'vitest';
import {
  begin,
  CANCELED,
  cleanup,
  end,
  joined,
  marked,
  requested,
  returned,
  saw,
  sleep,
  time,
  verdict,
} from './histories.js';

const DEADLOCK = { kind: 'deadlock' } as const;

describe('no-lost-cancel', () => {
  it('holds when the thread is cancelled', () => {
    expect(verdict([begin, sleep, requested, returned(-512), cleanup, joined(CANCELED)])).toEqual([]);
  });

  it('is broken by a thread that sleeps for ever after the request', () => {
    expect(verdict([begin, requested, sleep], DEADLOCK)).toEqual(['no-lost-cancel']);
  });

  it('is broken by a thread that sleeps while others wait for an explorer', () => {
    expect(verdict([begin, requested, sleep], { kind: 'parked', roles: [2] })).toEqual(['no-lost-cancel']);
  });

  it('does not explain a deadlock without a request, nor one of an awake thread', () => {
    expect(verdict([begin, sleep], DEADLOCK)).toMatch(/no rule explains/);
    expect(verdict([begin, requested, sleep, returned(1)], DEADLOCK)).toMatch(/no rule explains/);
  });

  it('does not hold a thread to a request that it has disabled', () => {
    expect(verdict([marked('disabled', [1]), begin, requested, sleep], DEADLOCK)).toMatch(/no rule explains/);
    expect(verdict([marked('disabled', [1]), begin, requested, end, saw(1), joined(0x600d)])).toEqual([]);
  });

  it('is broken when cancellation is enabled again and nothing comes of the request', () => {
    const enabled = [marked('disabled', [1]), begin, requested, end, saw(1), marked('disabled', [0])];
    expect(verdict([...enabled, joined(0x600d)])).toEqual(['no-lost-cancel']);
  });

  it('is broken by a sleep that lasts until its timeout', () => {
    expect(verdict([begin, requested, sleep, time, returned(0), end, cleanup, joined(CANCELED)])).toEqual([
      'no-lost-cancel',
    ]);
  });

  it('allows time to pass before the request, while awake, and after the thread has acted', () => {
    const acted = [cleanup, joined(CANCELED)];
    expect(verdict([begin, sleep, time, requested, returned(-516), ...acted])).toEqual([]);
    expect(verdict([begin, requested, time, returned(0), ...acted])).toEqual([]);
    expect(verdict([begin, requested, cleanup, sleep, time, returned(0), joined(CANCELED)])).toEqual([]);
  });

  it('is broken by the first of two requests even if the second one is too late', () => {
    expect(
      verdict([begin, requested, sleep, time, returned(0), requested, cleanup, joined(CANCELED)]),
    ).toEqual(['no-lost-cancel']);
  });

  it('is broken when the thread ends as if nobody had asked', () => {
    expect(verdict([begin, requested, end, saw(1), joined(0x600d)])).toEqual(['no-lost-cancel']);
  });
});

describe('act-once', () => {
  it('is broken by a cleanup handler that runs twice', () => {
    expect(verdict([begin, requested, cleanup, cleanup, joined(CANCELED)])).toEqual(['act-once']);
  });

  it('is broken by another result than PTHREAD_CANCELED', () => {
    expect(verdict([begin, requested, cleanup, joined(0)])).toEqual(['act-once']);
  });

  it('is broken when the cleanup handler was left out', () => {
    expect(verdict([begin, requested, joined(CANCELED)])).toEqual(['act-once']);
  });

  it('holds for two requests that are acted on once, and for a thread nobody cancelled', () => {
    expect(verdict([begin, requested, cleanup, requested, joined(CANCELED)])).toEqual([]);
    expect(verdict([begin, end, saw(1), joined(0x600d)])).toEqual([]);
  });
});
