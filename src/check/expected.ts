// NAME.expected beside NAME.S: what a regression file replaces, and what a check of it must find. Lines `word: text`; a line
// that begins with # is a comment. The format is described in docs/check.md.
export interface Expected {
  readonly replaces: string;
  readonly libc: string | undefined;
  readonly images: readonly string[];
  readonly scenarios: readonly string[];
  /** A symbol for the assembler with which the mistake is corrected, such as FIXED=1: the file must then be clean. */
  readonly fixedBy: string | null;
  /** The first finding of each rule and scenario, in any order; empty for a file that must be clean. */
  readonly findings: readonly ExpectedFinding[];
  /** Whatever else is said of it: title, date, fix, reference. */
  readonly facts: ReadonlyMap<string, string>;
}

export interface ExpectedFinding {
  readonly rule: string;
  readonly scenario: string;
  /** Such as __cp_end+1. */
  readonly place: string;
  readonly instruction: string;
}

export type ExpectedResult =
  | { readonly ok: true; readonly expected: Expected }
  | { readonly ok: false; readonly reason: string };

const FINDING = /^(\S+) (\S+) at (\S+): (.+)$/;
const FACTS = new Set(['title', 'date', 'fix', 'reference', 'why']);

export function findingText({ rule, scenario, place, instruction }: ExpectedFinding): string {
  return `${rule} ${scenario} at ${place}: ${instruction}`;
}

export function parseExpected(text: string, name: string): ExpectedResult {
  const lines = text.split('\n').map((line) => line.trim());
  const single = new Map<string, string>();
  const findings: ExpectedFinding[] = [];
  let clean = false;
  for (const [i, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const fail = (reason: string): ExpectedResult => ({ ok: false, reason: `${name}:${i + 1}: ${reason}` });
    const [, word = '', value = ''] = /^([a-z-]+):\s*(.*)$/.exec(line) ?? [];
    if (line === 'clean') clean = true;
    else if (word === 'expect') {
      const [, rule = '', scenario = '', place = '', instruction = ''] = FINDING.exec(value) ?? [];
      if (rule === '') return fail('expected "expect: RULE SCENARIO at PLACE: INSTRUCTION"');
      findings.push({ rule, scenario, place, instruction });
    } else if (FACTS.has(word) || ['replaces', 'libc', 'vdso', 'scenario', 'fixed-by'].includes(word)) {
      single.set(word, [single.get(word), value].filter((part) => part !== undefined).join(' '));
    } else return fail(`not understood: ${line.slice(0, 60)}`);
  }
  const fail = (reason: string): ExpectedResult => ({ ok: false, reason: `${name}: ${reason}` });
  const replaces = single.get('replaces');
  if (replaces === undefined) return fail('it has no line "replaces: SYMBOL"');
  if (clean === findings.length > 0) return fail('it needs either "clean" or lines "expect: …"');
  const list = (word: string) => (single.get(word) ?? '').split(/\s+/).filter((part) => part !== '');
  return {
    ok: true,
    expected: {
      ...{ replaces, libc: single.get('libc'), images: list('vdso'), scenarios: list('scenario') },
      ...{ fixedBy: single.get('fixed-by') ?? null, findings },
      facts: new Map([...single].filter(([word]) => FACTS.has(word))),
    },
  };
}
