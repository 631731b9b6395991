// What sticky signals promise, each held by a reading that keeps it and broken by one that does not; then the two rules for
// calls that a request must leave alone, broken by a library that forgets to clear.
import { describe, expect, it } from 'vitest';
import type { Proposals } from '../../src/kernel/proposals/types.js';
import { factsOf } from '../../src/rules/facts.js';
import { RULES } from '../../src/rules/judge.js';
import { run, SLEEP, type Source, sticky } from '../kernel/proposals/programs.js';
import { cellId, sweptCell } from '../suite/cells.js';

function check(id: string, source: Source, proposals: Proposals): string | null {
  const rule = RULES.find((one) => one.id === id);
  if (rule === undefined) throw new Error(`no rule ${id}`);
  const record = run(source, proposals);
  return rule.check(record, factsOf(record));
}

const SLEEPS: Source = { body: `raise\n${SLEEP}\nclear\n${SLEEP}` };
const TWICE: Source = {
  body: `sys SYS_rt_sigprocmask, $0, $only_sig, $0, $8
  raise
  raise
  sys SYS_rt_sigprocmask, $1, $only_sig, $0, $8
  clear`,
};
const CLONES: Source = {
  body: `raise
  sys SYS_clone, $0x10f00, $stack
  testl %eax, %eax
  jnz 1f
  sys SYS_exit
1:`,
};

const cases: readonly [string, Source, Proposals, Proposals, string][] = [
  [
    'sticky-1',
    SLEEPS,
    sticky(),
    sticky({ latchAt: 'sigreturn' }),
    'the handler runs with the signal no longer pending',
  ],
  ['sticky-2', SLEEPS, sticky(), sticky({ block: 'mask' }), 'the signal sticks and is delivered again'],
  [
    'sticky-3',
    SLEEPS,
    sticky(),
    sticky({ restart: 'raw' }),
    'nanosleep is made again although the signal sticks',
  ],
  [
    ...(['sticky-4', { body: 'raise\nsys SYS_poll' }, sticky({ scope: 'marked' }), sticky()] as const),
    'poll with timeout 0 is interrupted by the signal that sticks',
  ],
  [
    ...(['sticky-5', TWICE, sticky({ clear: 'discard' }), sticky({ clear: 'keep' })] as const),
    'the signal was cleared, and an older copy of it sticks again',
  ],
  [
    ...([
      'sticky-6',
      CLONES,
      sticky({ nointr: 'exempt', inherit: 'drop' }),
      sticky({ nointr: 'exempt' }),
    ] as const),
    'a signal sticks in thread 101, which no signal with the flag was delivered to',
  ],
];

describe.each(cases)('%s', (id, source, keeps, breaks, why) => {
  it('is kept by a reading that keeps it', () => {
    expect(check(id, source, keeps)).toBeNull();
  });

  it('is broken by one that does not, for the reason it states', () => {
    expect(check(id, source, breaks)).toBe(why);
  });

  it('has nothing to say where no signal sticks', () => {
    expect(check(id, { ...source, flags: '0' }, breaks)).toBeNull();
  });
});

const ANY =
  'sticky-signal:pending=per-call,block=latch,restart=eintr,nointr=exempt,clear=discard,group=latches,inherit=drop';

describe('with cancellation disabled', () => {
  const rules = (design: string, context: Parameters<typeof sweptCell>[1]) => {
    const cell = sweptCell(cellId(design, 'disabled'), context);
    expect(cell.executed).toBe(cell.planned);
    return new Set(
      cell.points.flatMap(({ verdict }) =>
        verdict.kind === 'violation' ? verdict.violations.map(({ rule }) => rule) : [],
      ),
    );
  };

  it('a library that clears the signal in its handler leaves calls alone', (context) => {
    expect(rules(ANY, context)).toEqual(new Set());
  });

  it('one that does not shows the program EINTR: disabled-untouched and restart', (context) => {
    const broken = rules(`${ANY},disabled=sticks`, context);
    expect(broken).toContain('disabled-untouched');
    expect(broken).toContain('restart');
  });
});
