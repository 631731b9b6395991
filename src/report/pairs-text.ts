// Two deliveries or two preemptions in one run, for people: both orders with their counts, then each broken rule at its
// first pair.
import type { Chosen } from '../explore/choices.js';
import type { OrderedPairs, PairFinding, PairsResult } from '../suite/pairs.js';
import { formatToken } from '../suite/token.js';
import type { CellId } from '../suite/types.js';
import { pointText } from './cell-text.js';
import { plural, type Style } from './style.js';

type Swept = Extract<PairsResult, { kind: 'swept' }>;

const HEADS: Readonly<Record<string, string>> = {
  'cancel signal': "the cancellation, then the program's own signal",
  'signal cancel': "the program's own signal, then the cancellation",
  'cancel preempt': 'the canceller is stopped in its request, and the thread goes on until it waits or ends',
  'preempt resume': 'the canceller is stopped in its request, and goes on at a point of the thread',
};

const DEEDS: Readonly<Record<Chosen['action'], string>> = {
  cancel: 'the cancellation',
  signal: "the program's own signal",
  preempt: 'the canceller stopped',
  resume: 'the canceller going on',
};

/** `handler` says what the program's own does; null without one. */
export function pairsText(result: Swept, handler: string | null, style: Style): string {
  const { id, orders } = result;
  const title = `${id.scenario}, ${id.design}, ${id.libc}, ${id.vdso}${handler === null ? '' : `; the handler ${handler}`}`;
  const clean = orders.every(({ findings, inconclusive }) => findings.length === 0 && inconclusive === 0);
  const verdict = clean
    ? style.good('every ordered pair passes every rule')
    : style.bad('not every pair passes');
  return [
    style.bold(title),
    ...orders.flatMap((order) => orderLines(result, order, style)),
    verdict,
    '',
  ].join('\n');
}

function orderLines({ id, code }: Swept, order: OrderedPairs, style: Style): string[] {
  const { first, second, pairs, executed, passed, inconclusive, findings } = order;
  const merged = executed < pairs ? `, ${executed} run and the others merged` : ', all run';
  const head = `${HEADS[`${first} ${second}`]}: ${plural(pairs, 'pair')}${merged}`;
  const counts = `  ${passed} pass, ${findings.length} violation, ${inconclusive} inconclusive`;
  return [head, counts, ...pairGroups(findings).flatMap((group) => groupLines(group, { id, code }, style))];
}

interface PairGroup {
  readonly rule: string;
  readonly detail: string;
  readonly first: PairFinding;
  count: number;
}

/** By rule: the first pair in order of the sweep, and how many there are. */
export function pairGroups(findings: readonly PairFinding[]): PairGroup[] {
  const groups = new Map<string, PairGroup>();
  for (const finding of findings) {
    if (finding.second.verdict.kind !== 'violation') continue;
    for (const { rule, detail } of finding.second.verdict.violations) {
      const group = groups.get(rule);
      if (group === undefined) groups.set(rule, { rule, detail, first: finding, count: 1 });
      else group.count++;
    }
  }
  return [...groups.values()];
}

/** Each choice with its point, the last one in words. */
function choicesText({ choices, second }: PairFinding): string {
  return choices
    .map(({ action, index }, i) =>
      i === choices.length - 1
        ? `${DEEDS[action]} ${pointText(second)}`
        : `${DEEDS[action]} at point ${index}`,
    )
    .join(', ');
}

function groupLines(group: PairGroup, subject: { id: CellId; code: string }, style: Style): string[] {
  const { rule, detail, first, count } = group;
  return [
    style.bad(`  ${rule} at ${plural(count, 'pair')}: ${detail}`),
    `    first: ${choicesText(first)}`,
    style.dim(`    sigsweep replay ${formatToken({ ...subject, choices: first.choices })}`),
  ];
}
