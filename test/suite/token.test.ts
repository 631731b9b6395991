// Tokens: what they say comes back unchanged, and what does not fit is refused with a reason.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '../../src/suite/replay.js';
import { formatToken, parseToken, type Token } from '../../src/suite/token.js';
import { cellId, sweptCell } from './cells.js';

const name = fc.stringMatching(/^[a-z0-9][a-z0-9./-]{0,20}$/);
const choice = fc.record({
  index: fc.integer({ min: 0, max: 999_999_999 }),
  action: fc.constantFrom('cancel' as const, 'signal' as const),
});
const anyToken: fc.Arbitrary<Token> = fc.record({
  id: fc.record({ libc: name, design: name, vdso: name, scenario: name }),
  choices: fc.array(choice, { maxLength: 4 }),
  code: fc.stringMatching(/^[0-9a-f]{8}$/),
});

function refusal(text: string): string {
  const parsed = parseToken(text);
  return parsed.ok ? '' : parsed.reason;
}

describe('a token', () => {
  it('reads back as what it was written from', () => {
    fc.assert(
      fc.property(anyToken, (token) => {
        expect(parseToken(formatToken(token))).toEqual({ ok: true, token });
      }),
      { seed: 1 },
    );
  });

  it('is read the same after it was written again', () => {
    const text = 'musl-1.2.3+naive-vdso+6.1-686/int80+read-empty+c56.s3+e57c0607';
    const parsed = parseToken(text);
    expect(parsed.ok && formatToken(parsed.token)).toBe(text);
  });

  it.each([
    ['', 'not a token'],
    ['musl-1.2.3+pc-check+host+read-empty+c1', 'expected LIBC+DESIGN+VDSO+SCENARIO+CHOICES+CODE'],
    ['musl-1.2.3+pc-check+host+read-empty+c1+12345678+more', 'expected LIBC+DESIGN'],
    ['musl-1.2.3++host+read-empty+c1+12345678', 'expected LIBC+DESIGN'],
    ['musl-1.2.3+pc-check+host+read-empty+c1+1234567g', 'expected LIBC+DESIGN'],
    ['musl-1.2.3+pc-check+host+read-empty+x1+12345678', 'choices x1'],
    ['musl-1.2.3+pc-check+host+read-empty+c-1+12345678', 'choices c-1'],
    ['musl-1.2.3+pc-check+host+read-empty+c1.+12345678', 'choices c1.'],
    ['musl-1.2.3+pc-check+host+read-empty+c1234567890+12345678', 'choices c1234567890'],
    ['musl-1.2.3+pc-check+host+read-empty:nobody+c1+12345678', 'no such handler'],
  ])('that is malformed is refused with the reason: %s', (text, reason) => {
    expect(refusal(text)).toContain(reason);
    expect(refusal(text)).toMatch(/^not a token: [^\n]{0,200}$/);
  });

  it('of any length is refused in one short line', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (text) => {
        expect(refusal(text).length).toBeLessThan(200);
      }),
      { seed: 2 },
    );
  });
});

describe('a replay', () => {
  const id = cellId('pc-check', 'read-empty');

  it('refuses a token for other code, and says which', (context) => {
    const { code } = sweptCell(id, context);
    const other = code === '00000000' ? '00000001' : '00000000';
    expect(replay({ id, choices: [], code: other })).toEqual({
      ok: false,
      reason: `the token is for code ${other}, but the code here is ${code}: sweep again`,
    });
  });

  it('refuses a point that the window does not have', (context) => {
    const { code, planned } = sweptCell(id, context);
    const at = (index: number) => replay({ id, choices: [{ index, action: 'cancel' }], code });
    expect(at(planned - 1).ok).toBe(true);
    expect(at(planned)).toEqual({ ok: false, reason: `the window has no point ${planned}` });
  });

  it('refuses names that do not exist', () => {
    const reason = (wrong: object) => {
      const result = replay({ id: { ...id, ...wrong }, choices: [], code: '00000000' });
      return result.ok ? '' : result.reason;
    };
    expect(reason({ design: 'nothing' })).toContain('no design nothing');
    expect(reason({ scenario: 'nothing' })).toContain('no scenario nothing');
    expect(reason({ vdso: 'nothing' })).toContain('no vDSO image nothing');
    expect(reason({ libc: 'glibc-2.36' })).toContain('pc-check is not for glibc-2.36');
  });

  for (const design of ['pc-check', 'naive-vdso']) {
    for (const scenario of ['read-empty', 'read-arriving']) {
      it(`gives every point of ${scenario} the sweep's verdict: ${design}`, (context) => {
        const cell = sweptCell(cellId(design, scenario), context);
        const replayed = cell.points.map(({ index }) => {
          const text = formatToken({ id: cell.id, choices: [{ index, action: 'cancel' }], code: cell.code });
          const parsed = parseToken(text);
          const result = parsed.ok ? replay(parsed.token) : parsed;
          return result.ok ? result.replay.verdict : result.reason;
        });
        expect(replayed).toEqual(cell.points.map(({ verdict }) => verdict));
        expect(replayed).toHaveLength(cell.planned);
      });
    }
  }
});
