// no-lost-effect and no-phantom-effect over hand-made histories.
import { describe, expect, it } from 'vitest';
import {
  begin,
  CANCELED,
  cleanup,
  consumed,
  deliver,
  effect,
  end,
  joined,
  marked,
  requested,
  saw,
  verdict,
} from './histories.js';

const EINTR = 4;
const EAGAIN = 11;
const cancelled = [cleanup, joined(CANCELED)];

describe('no-lost-effect', () => {
  it.each([
    consumed(),
    effect({ kind: 'produced', object: 'pipe', bytes: 1 }),
    effect({ kind: 'descriptor', fd: 5 }),
    effect({ kind: 'closed', fd: 5 }),
    effect({ kind: 'dequeued-signal', sig: 10 }),
    effect({ kind: 'child', pid: 200 }),
  ])('is broken by an effect the program never sees: %o', (lost) => {
    expect(verdict([begin, requested, lost, ...cancelled])).toEqual(['no-lost-effect']);
    expect(verdict([begin, requested, lost, end, saw(1), ...cancelled])).toEqual([]);
  });

  it('takes a futex wake for a hint: the accounts tell whether one was lost', () => {
    expect(verdict([begin, requested, consumed('futex wake'), ...cancelled])).toEqual([]);
    expect(verdict([begin, requested, effect({ kind: 'woken', address: 64 }), ...cancelled])).toEqual([]);
  });

  it('does not look at effects before the window, after it, or in the cleanup handler', () => {
    expect(verdict([consumed(), begin, requested, ...cancelled])).toEqual([]);
    expect(verdict([begin, requested, end, consumed(), ...cancelled])).toEqual([]);
    expect(verdict([begin, requested, cleanup, consumed(), joined(CANCELED)])).toEqual([]);
  });

  it('is broken by accounts that do not balance, whatever the kernel saw', () => {
    const account = (left: number, found: number) => marked('resource', [left, found]);
    expect(verdict([begin, requested, ...cancelled, account(1, 0)])).toEqual(['no-lost-effect']);
    expect(verdict([begin, requested, ...cancelled, account(1, 1), account(0, 0)])).toEqual([]);
    expect(verdict([begin, requested, ...cancelled, account(1, 1), account(0, 2)])).toEqual([
      'no-lost-effect',
    ]);
  });
});

describe('no-phantom-effect', () => {
  const failed = saw(-1, EINTR);
  // Without it no call could be interrupted, which is the rule restart.
  const handler = deliver(0x2000);

  it.each([
    consumed(),
    effect({ kind: 'produced', object: 'pipe', bytes: 1 }),
    effect({ kind: 'descriptor', fd: 5 }),
  ])('is broken by -EINTR for a call that did something: %o', (phantom) => {
    expect(verdict([begin, requested, handler, phantom, end, failed, ...cancelled])).toEqual([
      'no-phantom-effect',
    ]);
  });

  it('holds for -EINTR of a call that did nothing', () => {
    expect(verdict([begin, requested, handler, end, failed, ...cancelled])).toEqual([]);
    expect(verdict([begin, requested, handler, consumed('futex wake'), end, failed, ...cancelled])).toEqual(
      [],
    );
  });

  it('is about interruption only: other errors may come after a part was done', () => {
    expect(verdict([begin, requested, handler, consumed(), end, saw(-1, EAGAIN), ...cancelled])).toEqual([]);
  });

  it('is about what happened before the program was told', () => {
    expect(verdict([begin, requested, handler, failed, consumed(), end, ...cancelled])).toEqual([]);
  });
});
