// The story of one cell of the matrix: what is asked, the smallest case, what happens in it, and how to see all of it.

import type { Replay } from '../suite/replay.js';
import { formatToken } from '../suite/token.js';
import type { CellResult, PointResult } from '../suite/types.js';
import { cellText, pointText } from './cell-text.js';
import { COMMAND, plural, type Style } from './style.js';
import { type ListedPoint, windowAround } from './sweep-text.js';
import { timeline, verdictText } from './trace-text.js';

type Swept = Extract<CellResult, { kind: 'swept' }>;

export interface Story {
  readonly cell: Swept;
  /** The smallest case: see suite/smallest.ts. */
  readonly point: PointResult;
  readonly replay: Replay;
  readonly listed: readonly ListedPoint[];
  readonly name: (address: number) => string;
  readonly titles: { readonly design: string; readonly scenario: string };
  /** The rules that are broken in it. */
  readonly rules: readonly { readonly id: string; readonly statement: string; readonly reason: string }[];
}

export function explainText(story: Story, style: Style): string {
  const { cell, titles, rules, listed, point, replay, name } = story;
  const { id } = cell;
  return [
    style.bold(`${id.design} in ${id.scenario}, ${id.libc}, ${id.vdso} (${cell.form}): ${cellText(cell)}`),
    '',
    `the design    ${titles.design}`,
    `the scenario  ${titles.scenario}`,
    ...rules.flatMap(({ id: rule, statement, reason }) => [
      `the rule      ${style.bad(rule)}: ${statement}`,
      `              ${style.dim(reason)}`,
    ]),
    '',
    caseText(story),
    '',
    ...windowAround(listed, point),
    '',
    'What happens, from the begin of the window to the end of the program:',
    '',
    ...timeline(replay, name).map((line) => `  ${line}`),
    '',
    verdictText(replay, style),
    '',
    `every point        ${COMMAND} sweep ${id.scenario} --design ${id.design} --vdso ${id.vdso} --libc ${id.libc}`,
    `every instruction  ${COMMAND} replay ${formatToken(replay.token)}`,
    '',
  ].join('\n');
}

function caseText({ cell, point, rules }: Story): string {
  const bad = cell.points.filter(({ verdict }) => verdict.kind === 'violation').length;
  const where = `The cancellation is requested at point ${point.index}, ${pointText(point)}:`;
  return rules.length > 0
    ? `The smallest of ${plural(bad, 'case')} that break a rule. ${where}`
    : `None of ${plural(cell.executed, 'case')} breaks a rule. ${where}`;
}
