// Each reporter on one report by hand: valid in its format, and with everything that a reader needs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import Ajv4 from 'ajv-draft-04';
import { execaSync } from 'execa';
import { describe, expect, it } from 'vitest';
import type { CheckReport, ComparedFinding, Trial } from '../../src/check/types.js';
import { REPORTERS } from '../../src/report/reporters/index.js';

const finding: ComparedFinding = {
  ...{
    fingerprint: '0123456789abcdef',
    rule: 'no-lost-effect',
    detail: '1 byte & <more> was "taken"',
    scenario: 'read-data',
  },
  ...{
    symbol: '__cp_end',
    place: '__cp_end+1',
    instruction: 'popl %edi',
    where: 'before __cp_end+1',
    points: 2,
    line: 7,
  },
  story: {
    window: [{ name: '__cp_end', bytes: '5f', text: 'popl %edi', marked: true }],
    timeline: ['target | read = 1'],
  },
  status: 'new',
};
const side = { label: 'p.S', vdso: 'x', form: 'y', code: '01234567', planned: 9, executed: 9, reasons: [] };
const key = { code: 'musl', scenario: 'read-data', entry: 'i386/sysenter' };
const trials: readonly Trial[] = [
  {
    key,
    after: { ...side, verdict: 'violation' },
    before: { ...side, verdict: 'clean' },
    findings: [finding],
  },
  {
    key: { ...key, scenario: 'open' },
    after: { ...side, verdict: 'clean' },
    before: null,
    findings: [{ ...finding, status: 'fixed', story: null }],
  },
  {
    key: { ...key, scenario: 'async' },
    after: { ...side, verdict: 'incomplete', reasons: ['not reached: #1'] },
    before: null,
    findings: [],
  },
];
const report: CheckReport = {
  what: 'p.S',
  against: 'q',
  file: 'p.S',
  trials,
  gaps: ['c.c is not built'],
  verdict: 'violation',
};
const rules = new Map([['no-lost-effect', { statement: 'an effect is seen', reason: 'POSIX' }]]);

function told(name: string): string {
  return REPORTERS.get(name)?.(report, { version: '1.2.3', colour: false, rules }) ?? '';
}

describe('a reporter', () => {
  it.each([['tap'], ['ktap']])('%s is read by a harness as one failure, one pass and two skipped', (name) => {
    const script =
      'use TAP::Parser; local $/; my $p = TAP::Parser->new({tap => <STDIN>}); $p->run; print join(",", scalar($p->failed), scalar($p->passed), scalar($p->skipped), $p->parse_errors);';
    const { stdout } = execaSync('perl', ['-e', script], { input: told(name) });
    expect(stdout).toBe('1,3,2');
  });

  it('sarif is valid, names the line, and tells how the finding came about', () => {
    const path = createRequire(import.meta.url).resolve(
      '@microsoft/sarif-matcher-utils/lib/schemas/sarif-2.1.0-rtm.5.json',
    );
    const validate = new Ajv4.default({
      strict: false,
      validateFormats: false,
      unicodeRegExp: false,
    }).compile(JSON.parse(readFileSync(path, 'utf8')));
    const log = JSON.parse(told('sarif'));
    expect(validate(log) ? [] : validate.errors).toEqual([]);
    const [first] = log.runs[0].results;
    expect(first).toMatchObject({
      ruleId: 'no-lost-effect',
      baselineState: 'new',
      partialFingerprints: { 'sigsweep/v1': finding.fingerprint },
    });
    expect(first.locations[0].physicalLocation.region.startLine).toBe(7);
    expect(first.codeFlows[0].threadFlows[0].locations).toHaveLength(1);
    log.runs[0].results[0].level = 'terrible';
    expect(validate(log)).toBe(false);
  });

  it('json fits the published schema', () => {
    const validate = new Ajv().compile(JSON.parse(readFileSync('docs/check.schema.json', 'utf8')));
    const document = JSON.parse(told('json'));
    expect(validate(document) ? [] : validate.errors).toEqual([]);
    expect(validate({ ...document, schema: 2 })).toBe(false);
    expect(validate({ ...document, trials: [{}] })).toBe(false);
  });

  it('junit escapes what XML reserves and counts what it lists', () => {
    const xml = told('junit');
    expect(xml).toContain('tests="4" failures="1" errors="0">');
    expect(xml).toContain('1 byte &amp; &lt;more&gt; was &quot;taken&quot;');
    expect(xml.match(/<testcase /g)).toHaveLength(4);
  });

  it('github annotates the line and says what is missing; the summary is a table', () => {
    expect(told('github')).toContain(
      '::error file=p.S,line=7,title=no-lost-effect in read-data%2C musl%2C i386/sysenter::',
    );
    expect(told('github')).toContain('::warning title=sigsweep::not checked: c.c is not built');
    expect(told('github-summary')).toContain('| read-data, musl, i386/sysenter | clean | FAILS 2/9 |');
  });

  it('text has the story of what is new, the fix, and what was not checked', () => {
    const text = told('text');
    for (const part of [
      'new: no-lost-effect',
      'line 7',
      '-> __cp_end',
      'target | read = 1',
      'fixed: no-lost-effect',
      'not checked: c.c',
    ])
      expect(text).toContain(part);
  });
});
