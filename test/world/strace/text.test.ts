// How values look in the strace-like log.
import { describe, expect, it } from 'vitest';
import { faultInfo, killInfo, timerInfo } from '../../../src/kernel/siginfo.js';
import { EMPTY, only, signalSet, union } from '../../../src/kernel/sigset.js';
import { resultText } from '../../../src/world/strace/errors.js';
import { flagText, futexArguments } from '../../../src/world/strace/flags.js';
import { actionText, infoText, quote, setText } from '../../../src/world/strace/values.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('bytes', () => {
  it('are quoted with escapes, in octal where there is no letter', () => {
    expect(quote(bytes('a"b\\\n\t\r'))).toBe('"a\\"b\\\\\\n\\t\\r"');
    expect(quote(Uint8Array.of(0, 1, 200))).toBe('"\\0\\1\\310"');
  });

  it('have octal in full before a digit', () => {
    expect(quote(bytes('\x007'))).toBe('"\\0007"');
  });

  it('are cut after 32, with the dots that say so', () => {
    expect(quote(bytes('x'.repeat(32)))).toBe(`"${'x'.repeat(32)}"`);
    expect(quote(bytes('x'.repeat(33)))).toBe(`"${'x'.repeat(32)}"...`);
    expect(quote(bytes('x'), 33)).toBe('"x"...');
  });
});

describe('signals', () => {
  it('sets are listed, nearly full ones by what is missing', () => {
    expect(setText(EMPTY)).toBe('[]');
    expect(setText(union(only(10), only(33)))).toBe('[USR1 RT_1]');
    expect(setText(signalSet(~0x100, ~0))).toBe('~[KILL]');
  });

  it('actions have names for the two special handlers and for flags', () => {
    expect(actionText([1, 0, 0, 0, 0])).toBe('{sa_handler=SIG_IGN, sa_mask=[], sa_flags=0}');
    expect(actionText([0x1234, 0x14000004, 0x99, 0x200, 0])).toBe(
      '{sa_handler=0x1234, sa_mask=[USR1], sa_flags=SA_SIGINFO|SA_RESTORER|SA_RESTART, sa_restorer=0x99}',
    );
  });

  it('siginfo shows what its code makes of it', () => {
    expect(infoText(killInfo(10, -6, 7))).toBe('{si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=7, si_uid=0}');
    expect(infoText(faultInfo(11, 2, 0x10))).toBe('{si_signo=SIGSEGV, si_code=SEGV_ACCERR, si_addr=0x10}');
    expect(infoText(timerInfo(14, 1, 2, 3))).toBe(
      '{si_signo=SIGALRM, si_code=SI_TIMER, si_timerid=1, si_overrun=2, si_value=3}',
    );
  });
});

describe('arguments', () => {
  it.each([
    ['open-flags', 0, 'O_RDONLY'],
    ['open-flags', 0o2102, 'O_RDWR|O_CREAT|O_APPEND'],
    ['fd-flags', 0, '0'],
    ['fd-flags', 0o2004000, 'O_NONBLOCK|O_CLOEXEC'],
    ['protection', 0, 'PROT_NONE'],
    ['protection', 7, 'PROT_READ|PROT_WRITE|PROT_EXEC'],
    ['map-flags', 0x40000022, 'MAP_PRIVATE|MAP_ANONYMOUS|0x40000000'],
    ['clone-flags', 0x100 | 17, 'CLONE_VM|SIGCHLD'],
    ['futex-op', 0x189, 'FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME'],
    ['sig-how', 2, 'SIG_SETMASK'],
    ['sig-how', 9, '9'],
    ['dirfd', 0xffffff9c, 'AT_FDCWD'],
    ['dirfd', 3, '3'],
    ['fcntl-command', 4, 'F_SETFL'],
  ] as const)('%s %i is %s', (type, value, text) => {
    expect(flagText(type, value)).toBe(text);
  });

  it('a futex wake has three, a wait four', () => {
    expect([0, 1, 0x80, 0x81, 9].map(futexArguments)).toEqual([4, 3, 4, 3, 6]);
  });
});

describe('results', () => {
  it.each([
    [5, false, '5'],
    [0xf7ff0000 | 0, true, '0xf7ff0000'],
    [-9, false, '-1 EBADF (not an open descriptor)'],
    [-9, true, '-1 EBADF (not an open descriptor)'],
    [-512, false, '? ERESTARTSYS (again after a handler with SA_RESTART)'],
  ])('%i (address: %s) is %s', (value, isAddress, text) => {
    expect(resultText(value, isAddress)).toBe(text);
  });
});
