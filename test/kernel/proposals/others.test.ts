// The other proposals: a flag in the kernel, signals that wait for a call, signals that end any sleep.
import { describe, expect, it } from 'vitest';
import { count, NR, results, run, SLEEP } from './programs.js';

const PIPE_WITH_DATA = 'sys SYS_pipe, $pair\nsys SYS_write, pair+4, $byte, $1';
const FLAG = 'sys SYS_gettid\nsys SYS_cancelctl, $1, %eax';

describe('sticky-flag', () => {
  const proposal = { kind: 'sticky-flag' } as const;

  it('makes a marked call return -EINTR without acting: the data is still there', () => {
    const marked = 'sys SYS_read+CANCELLABLE, pair, $byte, $1';
    const { history } = run(
      { body: `${PIPE_WITH_DATA}\n${FLAG}\n${marked}\nsys SYS_read, pair, $byte, $1` },
      proposal,
    );
    expect(results(history, NR.read)).toEqual([-4, 1]);
  });

  it('is gone when it is cleared', () => {
    const marked = 'sys SYS_read+CANCELLABLE, pair, $byte, $1';
    const { history } = run(
      { body: `${PIPE_WITH_DATA}\n${FLAG}\nsys SYS_cancelctl, $2\n${marked}` },
      proposal,
    );
    expect(results(history, NR.read)).toEqual([1]);
  });

  it('is unknown to Linux: neither the call nor the marked number exists', () => {
    const { history } = run({ body: `${FLAG}\nsys SYS_nanosleep+CANCELLABLE, $moment` }, null);
    const refused = history.filter((event) => event.kind === 'return' && event.value === -38);
    expect(refused).toHaveLength(2);
    expect(results(history, NR.nanosleep)).toEqual([]);
  });
});

describe('sync-signal', () => {
  const proposal = { kind: 'sync-signal' } as const;
  const source = { flags: 'SA_SYNC', body: `raise\nmovl $1, byte\n${SLEEP}`, handler: 'sys SYS_getpid' };

  it('is delivered at the entry of the next call, which without SA_RESTART is -EINTR', () => {
    const { history } = run(source, proposal);
    const deliver = history.findIndex(({ kind }) => kind === 'deliver');
    const call = history.findIndex((event) => event.kind === 'call' && event.nr === NR.nanosleep);
    expect(deliver).toBeGreaterThan(call);
    expect(results(history, NR.nanosleep)).toEqual([-4]);
    expect(count(history, 'sleep')).toBe(0);
  });

  it('lets the call be made again with SA_RESTART: it then sleeps', () => {
    const { history } = run({ ...source, flags: 'SA_SYNC | 0x10000000' }, proposal);
    expect(results(history, NR.nanosleep)).toEqual([0]);
    expect(count(history, 'deliver')).toBe(1);
  });

  it('waits while no call is made: a program that ends without one never runs its handler', () => {
    const { history, ending } = run({ ...source, body: 'raise' }, proposal);
    expect(count(history, 'deliver')).toBe(0);
    expect(ending.kind).toBe('ended');
  });
});
