// Damaged files of every kind against everything that reads them, and what such cases have found before.
import { describe, expect, it } from 'vitest';
import { assemble } from '../../src/asm/index.js';
import { parseStageToken } from '../../src/fuzz/core/token.js';
import { runFuzz } from '../../src/fuzz/session.js';
import { parseToken } from '../../src/suite/token.js';

const options = { seed: 2, goOn: () => false, jobs: 1, corpus: [] };

describe('damaged input', () => {
  it('is answered by a result or by one line', async () => {
    const spec = { target: 'image', plant: null, design: null, scenario: null } as const;
    const { report, findings } = await runFuzz(spec, { ...options, cases: 1200 });
    expect(findings).toEqual([]);
    expect(report.reached).toBeGreaterThan(100);
  });

  it('does not put its own line breaks into the answer', () => {
    for (const parse of [parseToken, parseStageToken]) {
      const parsed = parse('entry+a\nb+c');
      expect(parsed).toMatchObject({ ok: false });
      expect(parsed.ok ? '' : parsed.reason).not.toMatch(/\n/);
    }
  });

  it('does not keep the assembler going for ever', () => {
    expect(assemble('nop\n)nt $0x80\n', 0)).toMatchObject({ ok: false, error: { code: 'unsupported' } });
  });
});
