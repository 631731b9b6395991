// What reporters write, held to strict readers of each format, with names and texts that are awkward in all of them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv4 from 'ajv-draft-04';
import { describe, expect, it } from 'vitest';
import type { CheckReport, ComparedFinding, Trial } from '../../src/check/types.js';
import { REPORTERS } from '../../src/report/reporters/index.js';
import { type Element, readKtap, readXml } from './parsers.js';

const AWKWARD = 'a#b <&">, 100%: c\\d ok 2 - ]]>';

const finding: ComparedFinding = {
  ...{ fingerprint: '0123456789abcdef', rule: 'no-lost-effect', detail: `${AWKWARD}\nsecond line` },
  ...{
    scenario: AWKWARD,
    symbol: '__cp_end',
    place: '__cp_end+1',
    instruction: 'movl $1, %gs:0x10(,%eax,4)',
  },
  ...{ where: 'before __cp_end+1', points: 2, line: 7, status: 'new' },
  story: { window: [], timeline: Array.from({ length: 1200 }, (_, i) => `event ${i}`) },
};
const side = { label: 'p', vdso: 'x', form: 'y', code: '0', planned: 9, executed: 9, reasons: [] };
const trial = (code: string, findings: readonly ComparedFinding[], reasons: string[] = []): Trial => ({
  key: { code, scenario: AWKWARD, entry: 'i386/sysenter' },
  after: { ...side, verdict: findings.length > 0 ? 'violation' : 'clean', reasons },
  before: null,
  findings,
});
const report: CheckReport = {
  ...{ what: AWKWARD, against: null, file: 'src/a b,c:d%.S', verdict: 'violation' },
  trials: [trial('one', [finding]), trial('two', []), trial('two', [], [AWKWARD])],
  gaps: [AWKWARD],
};
const rules = new Map([['no-lost-effect', { statement: 'an effect is seen', reason: 'POSIX' }]]);
const told = (name: string, of: CheckReport = report): string =>
  REPORTERS.get(name)?.(of, { version: '1.2.3', colour: false, rules }) ?? '';

describe('KTAP', () => {
  it('is read by the rules of the kernel’s parser: no # in a name, diagnostics before their result', () => {
    const tests = readKtap(told('ktap'));
    expect(tests.map(({ ok, skipped }) => [ok, skipped])).toEqual([
      ...[
        [false, null],
        [true, null],
        [true, AWKWARD],
      ],
      [true, AWKWARD],
    ]);
    expect(tests[0]?.name).toBe(`${AWKWARD.replace('#', '_')}, one, i386/sysenter`);
    expect(tests[0]?.notes).toEqual([`no-lost-effect before __cp_end+1: ${AWKWARD} second line`]);
  });

  it('would not be read with an escaped # or a missing number', () => {
    expect(() => readKtap('KTAP version 1\n1..1\nok 1 a\\#b\n')).toThrow('not a result');
    expect(() => readKtap('KTAP version 1\n1..2\nok 1 a\nok 3 b\n')).toThrow('out of order');
  });
});

/** Elements with their attributes, by the schema of Jenkins' xunit plugin (junit-10.xsd); + for those that are required. */
const JUNIT: Readonly<Record<string, readonly [attributes: string, children: string]>> = {
  testsuites: ['name time tests failures disabled errors', 'testsuite'],
  testsuite: [
    '+name +tests failures errors time disabled skipped timestamp hostname id package',
    'properties testcase system-out system-err',
  ],
  testcase: [
    '+name +classname assertions time status',
    'skipped error failure rerunFailure system-out system-err',
  ],
  failure: ['type message', ''],
  skipped: ['type message', ''],
};

function problems({ name, attributes, children }: Element): string[] {
  const [known, below] = JUNIT[name] ?? ['', ''];
  const words = known.split(' ');
  return [
    ...(JUNIT[name] === undefined ? [`no element ${name}`] : []),
    ...[...attributes.keys()].filter((key) => !words.includes(key) && !words.includes(`+${key}`)),
    ...words.filter((word) => word.startsWith('+') && !attributes.has(word.slice(1))),
    ...children.filter((child) => !below.split(' ').includes(child.name)).map((child) => child.name),
    ...children.flatMap(problems),
  ];
}

describe('JUnit', () => {
  it('is well-formed, has only what the schema knows, and counts what it lists', () => {
    const root = readXml(told('junit'));
    expect([root.name, problems(root)]).toEqual(['testsuites', []]);
    const cases = root.children.flatMap(({ children }) => children);
    expect(root.attributes.get('tests')).toBe(String(cases.length));
    for (const suite of root.children) {
      const has = (name: string) =>
        suite.children.filter(({ children }) => children.some((child) => child.name === name)).length;
      const counts = ['tests', 'failures', 'skipped'].map((name) => suite.attributes.get(name));
      expect(counts).toEqual([suite.children.length, has('failure'), has('skipped')].map(String));
    }
    const [failure] = cases[0]?.children ?? [];
    expect(failure?.text).toContain(`no-lost-effect before __cp_end+1: ${AWKWARD}\nsecond line`);
    expect(cases[0]?.attributes.get('name')).toBe(AWKWARD);
  });
});

describe('GitHub’s annotations', () => {
  it('come back as they were when read as a runner does', () => {
    const lines = told('github').trim().split('\n');
    expect(lines).toHaveLength(4);
    const [, name, list = '', data = ''] = /^::(\w+) (.*?)::(.*)$/.exec(lines[0] ?? '') ?? [];
    const plain = (text: string) =>
      ['%0D', '%0A', '%3A', '%2C', '%25'].reduce(
        (now, code) => now.replaceAll(code, decodeURIComponent(code)),
        text,
      );
    const properties = new Map(
      list.split(',').map((pair) => {
        const [key = '', ...value] = pair.split('=');
        return [key, plain(value.join('='))];
      }),
    );
    expect([name, properties.get('file'), properties.get('line')]).toEqual(['error', 'src/a b,c:d%.S', '7']);
    expect(properties.get('title')).toBe(`no-lost-effect in ${AWKWARD}, one, i386/sysenter`);
    expect(plain(data)).toBe(`no-lost-effect before __cp_end+1: ${AWKWARD}\nsecond line`);
  });

  it('have a summary whose table has as many columns in every row', () => {
    const rows = told('github-summary')
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows.map((row) => row.match(/\|/g)?.length)).toEqual(Array(5).fill(5));
    expect(rows[2]).toContain('a#b &#60;&#38;"&#62;, 100%');
  });
});

describe('SARIF', () => {
  const path = createRequire(import.meta.url).resolve(
    '@microsoft/sarif-matcher-utils/lib/schemas/sarif-2.1.0-rtm.5.json',
  );
  const validate = new Ajv4.default({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
    JSON.parse(readFileSync(path, 'utf8')),
  );

  it('is valid whatever stands in it, with every location in a file that is named as a URI', () => {
    const log = JSON.parse(told('sarif'));
    expect(validate(log) ? [] : validate.errors).toEqual([]);
    const [{ physicalLocation }] = log.runs[0].results[0].locations;
    expect(physicalLocation.artifactLocation.uri).toBe('src/a%20b,c:d%25.S');
  });

  it('stays within what GitHub takes: 5,000 results with the new ones first, 1,000 locations of a flow', () => {
    const old: ComparedFinding = { ...finding, story: null, status: 'unchanged' };
    const many = Array.from({ length: 6000 }, (_, i) => ({
      ...old,
      fingerprint: String(i).padStart(16, '0'),
    }));
    const log = JSON.parse(told('sarif', { ...report, trials: [trial('one', [...many, finding])] }));
    expect(validate(log)).toBe(true);
    const [{ results, invocations }] = log.runs;
    expect([results.length, results[0].baselineState]).toEqual([5000, 'new']);
    expect(results[0].codeFlows[0].threadFlows[0].locations).toHaveLength(1000);
    const texts = invocations[0].toolExecutionNotifications.map(
      ({ message }: { message: { text: string } }) => message.text,
    );
    expect(texts).toContain('1001 results are left out');
  });
});
