// What a fuzz found, for people and for machines; no times, so that the same seed gives the same bytes.
import type { Plant } from '../fuzz/plants.js';
import type { FuzzResult, SmallestCase } from '../fuzz/session.js';
import { COMMAND, pad, plural, type Style } from './style.js';

export function fuzzText(results: readonly FuzzResult[], style: Style): string {
  return `${results.map((result) => targetText(result, style)).join('\n\n')}\n`;
}

function targetText({ spec, seed, report, findings, more }: FuzzResult, style: Style): string {
  const plant = spec.plant === null ? '' : ` with ${spec.plant} planted`;
  const head = `${spec.target}${plant}, seed ${seed}: ${plural(report.cases, 'case')}, ${plural(report.runs, 'run')}, ${report.reached.toLocaleString('en-GB')} different things reached`;
  const doubtful = report.inconclusive.map(
    ([reason, times]) => `  ${style.doubt(`not judged, ${plural(times, 'case')}:`)} ${reason}`,
  );
  const verdict =
    findings.length === 0
      ? style.good('  nothing found')
      : style.bad(`  ${plural(findings.length + more, 'finding')}`);
  const rest = more === 0 ? [] : [`  ${more} more of them not reduced: mend these first`];
  const { compared, skipped } = report.hardware;
  const hardware = [
    ...(compared === 0 ? [] : [`  ${plural(compared, 'case')} compared with this machine’s kernel`]),
    ...skipped.map(
      ([reason, times]) => `  skipped, ${plural(times, 'case')} for this machine’s kernel: ${reason}`,
    ),
  ];
  return [
    style.bold(head),
    ...hardware,
    ...doubtful,
    verdict,
    ...findings.flatMap((one) => findingLines(one, style)),
    ...rest,
  ].join('\n');
}

function findingLines(
  { finding, times, draws, smallest, tried, token }: SmallestCase,
  style: Style,
): string[] {
  const replay = token === null ? [] : [`    ${COMMAND} replay ${token}`];
  return [
    '',
    `  ${style.bad(finding.rule)} at ${finding.place}, in ${plural(times, 'case')}`,
    `    ${finding.detail}`,
    `    reduced from ${draws} decisions to ${smallest.length} by ${plural(tried, 'trial')}`,
    ...replay,
  ];
}

export function fuzzJson(results: readonly FuzzResult[]): object {
  return {
    fuzz: results.map(({ spec, seed, report, findings, more }) => ({
      ...spec,
      seed,
      cases: report.cases,
      runs: report.runs,
      reached: report.reached,
      hardware: {
        compared: report.hardware.compared,
        skipped: report.hardware.skipped.map(([reason, cases]) => ({ reason, cases })),
      },
      inconclusive: report.inconclusive.map(([reason, cases]) => ({ reason, cases })),
      findings: findings.map(({ finding, times, smallest, token }) => ({
        ...finding,
        cases: times,
        draws: smallest,
        token,
      })),
      more,
    })),
  };
}

export function plantsText(plants: readonly Plant[]): string {
  const width = Math.max(...plants.map(({ id }) => id.length)) + 2;
  return plants.map(({ id, target, title }) => `${pad(id, width)}${pad(target, 8)}${title}\n`).join('');
}
