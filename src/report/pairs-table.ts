// Two deliveries in one run, for many designs: a line each with both orders, then the findings.
import type { OrderedPairs, PairsResult } from '../suite/pairs.js';
import { formatToken } from '../suite/token.js';
import { pairGroups } from './pairs-text.js';
import { COMMAND, pad, plural, type Style } from './style.js';

type Swept = Extract<PairsResult, { kind: 'swept' }>;

export function pairsTable(results: readonly PairsResult[], handler: string, style: Style): string {
  const swept = results.flatMap((result) => (result.kind === 'swept' ? [result] : []));
  const orders = swept.flatMap((result) => result.orders);
  const sum = (of: (order: OrderedPairs) => number) => orders.reduce((total, order) => total + of(order), 0);
  const width = Math.max(...results.map((result) => nameOf(result).length)) + 2;
  const cells = orders.map(orderText);
  const column = Math.max(...cells.map(({ length }) => length), 'cancellation first'.length) + 2;
  return [
    style.bold(
      'The cancellation and a signal of the program, in both orders, at every ordered pair of points',
    ),
    `The program's handler ${handler}. ${plural(
      sum(({ pairs }) => pairs),
      'pair',
    )}, ${sum(({ executed }) => executed).toLocaleString('en-GB')} run to the end and the others merged.`,
    '"FAILS 3/4192": 3 of 4192 pairs break a rule.',
    '',
    `${pad('', width)}${pad('cancellation first', column)}signal first`,
    ...results.map((result) => pad(nameOf(result), width) + lineText(result, column, style)),
    '',
    ...swept.flatMap((result) => findingLines(result, style)),
    '',
  ].join('\n');
}

function nameOf({ id: { design, libc, vdso, scenario } }: PairsResult): string {
  return `${design} (${libc}) ${scenario} ${vdso}`;
}

function orderText({ pairs, inconclusive, findings }: OrderedPairs): string {
  if (findings.length > 0) return `FAILS ${findings.length}/${pairs}`;
  return inconclusive > 0 ? `? ${inconclusive}/${pairs}` : `clean ${pairs}`;
}

function lineText(result: PairsResult, column: number, style: Style): string {
  if (result.kind === 'skipped') return style.doubt(`skipped: ${result.reason}`);
  return result.orders
    .map((order) => {
      const { findings, inconclusive } = order;
      const colour = findings.length > 0 ? style.bad : inconclusive > 0 ? style.doubt : style.good;
      return colour(pad(orderText(order), column));
    })
    .join('')
    .trimEnd();
}

function findingLines({ id, code, orders }: Swept, style: Style): string[] {
  return orders.flatMap(({ first, findings }) =>
    pairGroups(findings).flatMap((group) => [
      `  ${style.bad(`${id.design} ${group.rule}`)} at ${plural(group.count, 'pair')}, ${first === 'cancel' ? 'cancellation' : 'signal'} first: ${group.detail}`,
      style.dim(`    ${COMMAND} replay ${formatToken({ id, code, choices: group.first.choices })}`),
    ]),
  );
}
