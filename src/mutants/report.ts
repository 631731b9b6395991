// What became of the mutants: a page for people, and every mutant with what killed it for machines.
import type { MutantLine } from './run.js';

/** Something that is mutated, with its mutants. */
interface ReportSubject {
  readonly id: string;
  readonly changes: readonly unknown[];
}

/** A line a mutant, so that a change of one is a change of one line. */
export function mutantsJson(lines: readonly MutantLine[]): string {
  const rows = lines.map(({ subject, name, kind, outcome, killer, reason, seenBy }) =>
    JSON.stringify({
      subject,
      name,
      kind,
      outcome,
      killer,
      reason,
      ...(seenBy === undefined ? {} : { seenBy }),
    }),
  );
  return `[\n${rows.join(',\n')}\n]\n`;
}

function count(lines: readonly MutantLine[], outcome: MutantLine['outcome']): number {
  return lines.filter((line) => line.outcome === outcome).length;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function groups<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(keyOf(item), [...(found.get(keyOf(item)) ?? []), item]);
  return [...found];
}

function tallies(title: string, lines: readonly MutantLine[], keyOf: (line: MutantLine) => string): string[] {
  const rows = groups(lines, keyOf).map(([key, all]) => [
    ...[key, all.length, count(all, 'killed'), count(all, 'equivalent'), count(all, 'survived')],
  ]);
  return table([title, 'mutants', 'killed', 'equivalent', 'survived'], rows);
}

function byNumber(lines: readonly MutantLine[], keyOf: (line: MutantLine) => string): (string | number)[][] {
  return groups(lines, keyOf)
    .map(([key, all]) => [key, all.length] as [string, number])
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}

function listed(lines: readonly MutantLine[]): string[] {
  return groups(lines, ({ subject }) => subject).flatMap(([subject, all]) => [
    '',
    `### ${subject}`,
    '',
    ...all.map(({ name, reason }) => `- \`${name}\`${reason === null ? '' : `: ${reason}`}`),
  ]);
}

function frameChecks(lines: readonly MutantLine[]): string[] {
  const seen = lines.flatMap(({ seenBy }) => seenBy ?? []);
  const times = (wanted: (one: { static: boolean; dynamic: boolean }) => boolean) =>
    seen.filter(wanted).length;
  return [
    `Of ${seen.length} mutants of frame descriptions, holding the description against the code sees ${times((one) => one.static)},`,
    `unwinding at every instruction of runs sees ${times((one) => one.dynamic)}, both see ${times((one) => one.static && one.dynamic)}.`,
  ];
}

const HEAD = [
  '# Mutants: is every instruction held by a rule?',
  '',
  '`npm run mutants` makes every mutant that differs in one instruction, label or directive of a frame description, sweeps it',
  'in every scenario until a rule is broken that the original keeps, and writes this page and [mutants.json](mutants.json), where each',
  'mutant has its killer. What is not killed is either equivalent, for a reason that is written down, or it survived: then',
  'nothing in the sweep holds that instruction, or nobody has written down yet why it need not be held.',
  '',
  'Cancellation points are laid over musl 1.2.3 and swept on the entry of a 32-bit kernel (6.1-686/sysenter); forms of the vDSO are',
  'built into images and swept with the designs that go through them, as `sigsweep check --vdso` does. `not built` means that',
  'the assembler, the linker or the loader refuses the mutant, `incomplete` that the report would not be complete.',
  '',
  'Of each file of the kernel model (src/kernel/signal and entry) ten mutants of one operator, number, statement or result are judged,',
  'each in a process of its own: by the rules and by the counts (`counts`) of the default sweep, then by `conform` on the machine',
  'that made the page, then by `fuzz`.',
  '',
];

/** Code of which no mutant has been run: what is said of the others says nothing of it. */
function notRun(lines: readonly MutantLine[], subjects: readonly ReportSubject[]): string[] {
  const missing = subjects.filter(({ id }) => !lines.some(({ subject }) => subject === id));
  if (missing.length === 0) return [];
  const names = missing.map(({ id, changes }) => `${id} (${changes.length})`).join(', ');
  return ['', `**The page is not complete: not run are the mutants of ${names}.**`];
}

/** `subjects`: all there are, whether or not there are results of theirs. */
export function mutantsText(lines: readonly MutantLine[], subjects: readonly ReportSubject[]): string {
  const killed = lines.filter(({ outcome }) => outcome === 'killed');
  return [
    ...HEAD,
    `Of ${lines.length} mutants ${killed.length} are killed, ${count(lines, 'equivalent')} are equivalent, and ${count(lines, 'survived')} survive.`,
    ...notRun(lines, subjects),
    '',
    ...tallies('code', lines, ({ subject }) => subject),
    '',
    ...tallies('change', lines, ({ kind }) => kind),
    '',
    ...table(
      ['killed by', 'mutants'],
      byNumber(killed, ({ killer }) => killer?.rule ?? ''),
    ),
    '',
    ...table(
      ['killed in', 'mutants'],
      byNumber(killed, ({ killer }) => (killer?.where ?? '').replace(/ with .*/, '')),
    ),
    '',
    ...frameChecks(lines),
    '',
    '## Survivors',
    ...listed(lines.filter(({ outcome }) => outcome === 'survived')),
    '',
    '## Equivalent',
    ...listed(lines.filter(({ outcome }) => outcome === 'equivalent')),
    '',
  ].join('\n');
}
