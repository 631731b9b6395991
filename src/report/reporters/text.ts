// A check for people: a line a trial, then every finding that is not as before with its story, and the counts last.
import { countStatuses } from '../../check/compare.js';
import type { CheckReport, ComparedFinding, Trial } from '../../check/types.js';
import { pad, plural, type Style, styleFor } from '../style.js';
import type { Reporter } from './types.js';
import { endText, sideText, trialName, violatingPoints } from './words.js';

export const text: Reporter = (report, { colour }) => {
  const style = styleFor(colour);
  const { what, against, trials, gaps } = report;
  const title = against === null ? what : `${what}, compared with ${against}`;
  const told = new Set<string>();
  const groups = groupsOf(trials).map((group) => groupText(group, told, style));
  const lines = [
    style.bold(title),
    '',
    ...trialLines(trials, style),
    ...groups.flat(),
    '',
    ...gaps.map((gap) => style.doubt(`not checked: ${gap}`)),
    summary(report, style),
  ];
  return `${lines.join('\n')}\n`;
};

function trialLines(trials: readonly Trial[], style: Style): string[] {
  const names = trials.map(({ key }) => trialName(key));
  const width = Math.max(0, ...names.map((name) => name.length)) + 2;
  return trials.map((trial, i) => {
    const { after, before, findings } = trial;
    const now = sideText(after, violatingPoints(trial));
    const then = before === null ? '' : pad(before.verdict, 12);
    const counts = countStatuses([trial])
      .filter(({ count }) => count > 0)
      .map(({ status, count }) => `${count} ${status}`);
    const reasons = after.reasons.map((reason) => `  ${reason}`).join('');
    const line =
      `  ${pad(names[i] ?? '', width)}${then}${pad(now, 18)}${counts.join(', ')}${reasons}`.trimEnd();
    if (findings.some(({ status }) => status === 'new' || status === 'found')) return style.bad(line);
    return after.verdict === 'clean' ? style.good(line) : line;
  });
}

/** Findings of one trial that break the same rule and share what became of them. */
interface Group {
  readonly trial: Trial;
  readonly first: ComparedFinding;
  readonly more: readonly ComparedFinding[];
}

function groupsOf(trials: readonly Trial[]): Group[] {
  return trials.flatMap((trial) => {
    const groups = new Map<string, { trial: Trial; first: ComparedFinding; more: ComparedFinding[] }>();
    for (const finding of trial.findings.filter(({ status }) => status !== 'unchanged')) {
      const key = `${finding.status} ${finding.rule}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { trial, first: finding, more: [] });
      else group.more.push(finding);
    }
    return [...groups.values()];
  });
}

/** The first finding in full; `told`: rules whose story is in the report already, which is not told twice. */
function groupText({ trial, first, more }: Group, told: Set<string>, style: Style): string[] {
  const { status, rule, where, detail, instruction, story, fingerprint, line } = first;
  const colour = status === 'fixed' ? style.good : status === 'not comparable' ? style.doubt : style.bad;
  const source = line === null ? '' : `, line ${line}`;
  const timeline = story !== null && !told.has(rule) ? story.timeline : [];
  if (story !== null) told.add(rule);
  return [
    '',
    colour(`${status}: ${rule} in ${trialName(trial.key)}: ${where}${source}`),
    `  ${detail}`,
    ...(story?.window ?? []).map(
      (one) => `  ${one.marked ? '->' : '  '} ${pad(one.name, 26)} ${pad(one.bytes, 14)} ${one.text}`,
    ),
    ...timeline.map((event) => style.dim(`    ${event}`)),
    `  ${fingerprint}  ${where}: ${instruction}`,
    ...more.map((one) => `  ${one.fingerprint}  ${one.where}: ${one.instruction}`),
  ];
}

function summary(report: CheckReport, style: Style): string {
  const counts = countStatuses(report.trials)
    .filter(
      ({ status, count }) => count > 0 || (report.against === null ? status === 'found' : status !== 'found'),
    )
    .filter(({ status, count }) => status !== 'not comparable' || count > 0)
    .map(({ status, count }) => `${count} ${status}`);
  const colour = { clean: style.good, violation: style.bad, incomplete: style.doubt }[report.verdict];
  return `${plural(report.trials.length, 'trial')}: ${counts.join(', ')}; ${colour(endText(report))}`;
}
