// no-recursion, registers, no-fault and bounded over hand-made histories, and how verdicts are put together.
import { describe, expect, it } from 'vitest';
import { judge, RULES } from '../../src/rules/judge.js';
import {
  begin,
  CANCELED,
  cleanup,
  consumed,
  deliver,
  ENDED,
  end,
  joined,
  marked,
  requested,
  run,
  SAVED,
  sigreturn,
  TARGET,
  verdict,
  watch,
} from './histories.js';

const cancelled = [cleanup, joined(CANCELED)];

describe('no-recursion', () => {
  it('is broken by a handler that is entered below itself', () => {
    expect(verdict([begin, deliver(0x2000), deliver(0x1000), ...cancelled])).toEqual(['no-recursion']);
  });

  it('holds for one handler after another, at the same place or not', () => {
    const twice = [deliver(0x2000), sigreturn(0x2000), deliver(0x2000), sigreturn(0x2000)];
    expect(verdict([begin, ...twice, deliver(0x1000), ...cancelled])).toEqual([]);
  });

  it('takes a handler above an earlier frame for one that was left by a jump', () => {
    expect(verdict([begin, deliver(0x1000), deliver(0x2000), ...cancelled])).toEqual([]);
  });

  it('lets other signals nest with the cancellation', () => {
    const USR1 = 10;
    expect(
      verdict([begin, deliver(0x3000, USR1), deliver(0x2000), deliver(0x1000, USR1), ...cancelled]),
    ).toEqual([]);
  });

  it('counts a frame as gone when a frame further up has returned', () => {
    expect(verdict([begin, deliver(0x2000), sigreturn(0x2000), deliver(0x1000), ...cancelled])).toEqual([]);
  });
});

describe('registers', () => {
  it.each(['ebx', 'esi', 'edi', 'ebp', 'esp'] as const)('is broken by a return with another %s', (name) => {
    expect(verdict([begin, watch('call'), watch('return', { [name]: 0x99 }), ...cancelled])).toEqual([
      'registers',
    ]);
    expect(verdict([begin, watch('call'), watch('act', { [name]: 0x99 }), ...cancelled])).toEqual([
      'registers',
    ]);
  });

  it('is broken by a direction flag that stays set', () => {
    expect(verdict([begin, watch('call'), watch('return', { df: true }), ...cancelled])).toEqual([
      'registers',
    ]);
  });

  it('compares every return with its own call', () => {
    const other = { ebx: 7 };
    const calls = [watch('call'), watch('return'), watch('call', other), watch('return', other)];
    expect(verdict([begin, ...calls, ...cancelled])).toEqual([]);
    expect(verdict([begin, ...calls, watch('call'), watch('return', other), ...cancelled])).toEqual([
      'registers',
    ]);
  });

  it('expects nothing of the registers when an asynchronous cancellation acts', () => {
    const act = watch('act', { esp: 0x800 });
    expect(verdict([marked('async', [1]), begin, watch('call'), act, ...cancelled])).toEqual([]);
    expect(
      verdict([marked('async', [1]), marked('async', [0]), begin, watch('call'), act, ...cancelled]),
    ).toEqual(['registers']);
  });

  it('expects nothing where the cancellation acts outside of the point', () => {
    expect(verdict([begin, watch('act', { esp: 0x800 }), ...cancelled])).toEqual([]);
  });

  it('is broken by the library function around the point too', () => {
    expect(verdict([begin, marked('windowEnd', [], { ...SAVED, edi: 9 }), ...cancelled])).toEqual([
      'registers',
    ]);
    expect(verdict([begin, end, ...cancelled])).toEqual([]);
  });
});

describe('no-fault and bounded', () => {
  const fault = { kind: 'fault', tid: TARGET, sig: 11, at: 0x8048000, address: 0, what: 'store' } as const;

  it('names a fault even if the program survives it', () => {
    expect(verdict([begin, fault, ...cancelled])).toEqual(['no-fault']);
  });

  it('is broken by a program that a signal kills', () => {
    const exit = { kind: 'killed', sig: 11 } as const;
    expect(verdict([begin], { kind: 'ended', exit })).toEqual(['no-fault']);
  });

  it.each(['instructions', 'transitions'] as const)('is broken by a run of too many %s', (what) => {
    expect(verdict([begin, requested], { kind: 'bound', what })).toEqual(['bounded']);
  });
});

describe('judge', () => {
  it('passes only a run that ended by itself with status 0', () => {
    expect(judge(run([begin, ...cancelled]))).toEqual({ kind: 'pass' });
    expect(verdict([begin, ...cancelled], { kind: 'ended', exit: { kind: 'exited', status: 2 } })).toBe(
      'no rule explains how the run ended: exit status 2',
    );
  });

  it('cannot tell anything of a run with a call that is not modelled, not even a violation', () => {
    const unmodelled = { kind: 'unmodelled', tid: TARGET, what: 'quotactl' } as const;
    expect(verdict([begin, requested, consumed(), unmodelled, ...cancelled])).toBe(
      'quotactl is not modelled',
    );
  });

  it('reports every broken rule in the order of the rules', () => {
    const both = verdict([begin, requested, consumed(), cleanup, cleanup, joined(CANCELED)], ENDED);
    expect(both).toEqual(['no-lost-effect', 'act-once']);
  });

  it('has a statement, a reason and a name of its own for every rule', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    for (const { statement, reason } of RULES) {
      expect(statement).toMatch(/^[a-z].{20,}[^.]$/);
      expect(reason).toMatch(/\.$/);
    }
  });
});
