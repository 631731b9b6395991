// What becomes of an interrupted call: the whole table, code by code.
import { describe, expect, it } from 'vitest';
import { restart } from '../../src/kernel/abi/errno.js';
import { restartForHandler, restartWithoutHandler } from '../../src/kernel/entry/restart.js';
import { firstTask, makeKernel } from './helpers.js';

const SA_RESTART = 0x10000000;
const NR = 3;
const EIP = 0x8048010;

function kernelWith(eax: number, origEax = NR) {
  const kernel = makeKernel();
  const task = firstTask(kernel);
  task.origEax = origEax;
  kernel.machine.set('eax', eax);
  kernel.machine.set('eip', EIP);
  return { kernel, task };
}

const registers = ({ kernel }: ReturnType<typeof kernelWith>) => ({
  eax: kernel.machine.get('eax') | 0,
  eip: kernel.machine.get('eip'),
});

const AGAIN = { eax: NR, eip: EIP - 2 };
const EINTR = { eax: -4, eip: EIP };
const RESTART_SYSCALL = { eax: 0, eip: EIP - 2 };

describe.each([
  ['ERESTARTSYS', { with: AGAIN, without: EINTR, none: AGAIN }],
  ['ERESTARTNOINTR', { with: AGAIN, without: AGAIN, none: AGAIN }],
  ['ERESTARTNOHAND', { with: EINTR, without: EINTR, none: AGAIN }],
  ['ERESTART_RESTARTBLOCK', { with: EINTR, without: EINTR, none: RESTART_SYSCALL }],
] as const)('%s', (name, expected) => {
  const code = -restart[name];

  it('with a handler that has SA_RESTART', () => {
    const setting = kernelWith(code);
    restartForHandler(setting.kernel, setting.task, SA_RESTART);
    expect(registers(setting)).toEqual(expected.with);
  });

  it('with a handler that has not', () => {
    const setting = kernelWith(code);
    restartForHandler(setting.kernel, setting.task, 0);
    expect(registers(setting)).toEqual(expected.without);
  });

  it('without a handler', () => {
    const setting = kernelWith(code);
    restartWithoutHandler(setting.kernel, setting.task);
    expect(registers(setting)).toEqual(expected.none);
  });

  it('means nothing when the kernel was not entered by a call', () => {
    const setting = kernelWith(code, -1);
    restartForHandler(setting.kernel, setting.task, SA_RESTART);
    restartWithoutHandler(setting.kernel, setting.task);
    expect(registers(setting)).toEqual({ eax: code, eip: EIP });
    expect(setting.kernel.history).toEqual([]);
  });

  it('is settled once: a second frame at the same exit changes nothing', () => {
    const setting = kernelWith(code);
    restartForHandler(setting.kernel, setting.task, 0);
    const first = registers(setting);
    restartForHandler(setting.kernel, setting.task, SA_RESTART);
    restartWithoutHandler(setting.kernel, setting.task);
    expect(registers(setting)).toEqual(first);
  });
});

it.each([0, 5, -4, -11, -515])('a result of %i is left alone', (result) => {
  const setting = kernelWith(result);
  restartForHandler(setting.kernel, setting.task, SA_RESTART);
  restartWithoutHandler(setting.kernel, setting.task);
  expect(registers(setting)).toEqual({ eax: result, eip: EIP });
});
