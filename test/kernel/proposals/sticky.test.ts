// Signals that stick: what each switch of the proposal's open questions changes.
import { describe, expect, it } from 'vitest';
import { LITERAL } from '../../../src/kernel/proposals/switches.js';
import { count, NR, results, run, SLEEP, sticky } from './programs.js';

const ROUNDS = { kind: 'bound', what: 'rounds in the kernel' };
const ENDED = { kind: 'ended', exit: { kind: 'exited', status: 0 } };

describe('a signal that sticks', () => {
  it('makes every call that would sleep return -EINTR at once, until it is cleared', () => {
    const { history, ending } = run({ body: `raise\n${SLEEP}\n${SLEEP}\nclear\n${SLEEP}` }, sticky());
    expect(results(history, NR.nanosleep)).toEqual([-4, -4, 0]);
    expect(count(history, 'sleep')).toBe(1);
    expect(ending).toEqual(ENDED);
  });

  it('leaves calls alone that need not sleep: getpid, and a read with data', () => {
    const pipe = 'sys SYS_pipe, $pair\nsys SYS_write, pair+4, $byte, $1';
    const { history } = run(
      { body: `${pipe}\nraise\nsys SYS_getpid\nsys SYS_read, pair, $byte, $1` },
      sticky(),
    );
    expect(results(history, NR.getpid)).toEqual([100]);
    expect(results(history, NR.read)).toEqual([1]);
  });

  it('interrupts poll with timeout 0 all the same, as any pending signal does on Linux', () => {
    const { history } = run({ body: 'raise\nsys SYS_poll' }, sticky());
    expect(results(history, NR.poll)).toEqual([-4]);
  });

  it('is not delivered again while it sticks', () => {
    const { history } = run({ body: 'raise\nraise\nraise' }, sticky());
    expect(count(history, 'deliver')).toBe(1);
  });

  it('is nothing special without the new flag', () => {
    const source = { flags: '0', body: `raise\n${SLEEP}` };
    expect(run(source, sticky()).history).toEqual(run(source, null).history);
  });

  it('is nothing special on Linux, which drops the flag', () => {
    const { history } = run({ body: `raise\n${SLEEP}` }, null);
    expect(results(history, NR.nanosleep)).toEqual([0]);
  });
});

describe('the switches', () => {
  it('pending=literal: the way out of the kernel never ends, the handler never runs', () => {
    const { history, ending } = run(
      { body: 'raise', handler: 'sys SYS_getpid' },
      sticky({ pending: 'literal' }),
    );
    expect(ending).toEqual(ROUNDS);
    expect(results(history, NR.getpid)).toEqual([]);
  });

  it('block=mask: sigreturn restores the mask, and the handler runs again and again', () => {
    const { history, ending } = run({ body: 'raise' }, sticky({ block: 'mask' }));
    expect(ending).toEqual(ROUNDS);
    expect(count(history, 'deliver')).toBeGreaterThan(100);
  });

  it('block=mask: a handler that adds the signal to the saved mask runs once', () => {
    const masks = 'movl 12(%esp), %eax\norl $1, 112(%eax)';
    const { history, ending } = run({ body: `raise\n${SLEEP}`, handler: masks }, sticky({ block: 'mask' }));
    expect(ending).toEqual(ENDED);
    expect(count(history, 'deliver')).toBe(1);
    expect(results(history, NR.nanosleep)).toEqual([-4]);
  });

  it('restart=raw: a call that is restarted finds the signal again, for ever', () => {
    const { ending } = run({ body: `raise\n${SLEEP}` }, sticky({ restart: 'raw' }));
    expect(ending).toEqual(ROUNDS);
  });

  it('latch-at: a call of the handler itself is interrupted only when the signal sticks from its delivery on', () => {
    const source = { body: `raise\n${SLEEP}`, handler: SLEEP };
    expect(results(run(source, sticky()).history, NR.nanosleep)).toEqual([-4, -4]);
    expect(results(run(source, sticky({ latchAt: 'sigreturn' })).history, NR.nanosleep)).toEqual([0, -4]);
  });

  it('clear: a copy that was queued behind sticks next, or goes with the first', () => {
    const block = 'sys SYS_rt_sigprocmask, $0, $only_sig, $0, $8';
    const unblock = 'sys SYS_rt_sigprocmask, $1, $only_sig, $0, $8';
    const source = { body: `${block}\nraise\nraise\n${unblock}\nclear\n${SLEEP}` };
    const keep = run(source, sticky()).history;
    expect([count(keep, 'deliver'), results(keep, NR.nanosleep)]).toEqual([2, [-4]]);
    const discard = run(source, sticky({ clear: 'discard' })).history;
    expect([count(discard, 'deliver'), results(discard, NR.nanosleep)]).toEqual([1, [0]]);
  });

  it('scope=marked: only a call that says so in its number is interrupted', () => {
    const body = `raise\n${SLEEP}\nsys SYS_nanosleep+CANCELLABLE, $moment`;
    expect(results(run({ body }, sticky({ scope: 'marked' })).history, NR.nanosleep)).toEqual([0, -4]);
  });

  it('group: a signal to the process stays in the shared queue, or moves to the thread that took it', () => {
    const body = 'sys SYS_getpid\nsys SYS_kill, %eax, $SIG';
    const queues = (group: 'shared' | 'latches') => {
      const { state } = run({ body }, sticky({ group })).world.kernel;
      return [state.processes[0]?.pending.infos.length, state.tasks[0]?.pending.infos.length];
    };
    expect(queues('shared')).toEqual([1, 0]);
    expect(queues('latches')).toEqual([0, 1]);
  });

  const CLONE = `raise
  sys SYS_clone, $0x10f00, $stack
  testl %eax, %eax
  jnz 1f
  ${SLEEP}
  sys SYS_exit
1:clear
  ${SLEEP}`;

  it('nointr: clone is made again for ever, fails with -EINTR, or does not look', () => {
    expect(run({ body: CLONE }, sticky({ nointr: 'restart' })).ending).toEqual(ROUNDS);
    expect(results(run({ body: CLONE }, sticky({ nointr: 'eintr' })).history, NR.clone)).toEqual([-4]);
    expect(results(run({ body: CLONE }, sticky({ nointr: 'exempt' })).history, NR.clone)).toEqual([101]);
  });

  it('inherit: a new thread that knows nothing of it is interrupted too, or not', () => {
    const child = (inherit: 'keep' | 'drop') =>
      results(run({ body: CLONE }, sticky({ nointr: 'exempt', inherit })).history, NR.nanosleep, 101);
    expect(child('keep')).toEqual([-4]);
    expect(child('drop')).toEqual([0]);
  });

  it('are all literal when none is named', () => {
    expect(Object.values(LITERAL)).toEqual([
      ...['literal', 'mask', 'raw', 'restart', 'delivery', 'keep', 'any', 'shared', 'keep'],
    ]);
  });
});
