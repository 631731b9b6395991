// GitHub: annotations, which a workflow prints as commands; and the summary of a job, which it appends to a file.
// SOURCE: GitHub's documentation, "Workflow commands for GitHub Actions" (escapes of data and properties; ten annotations of
// a kind are shown for a step) and "Adding a job summary".
import { countStatuses } from '../../check/compare.js';
import type { CheckReport, ComparedFinding, Trial } from '../../check/types.js';
import type { Reporter } from './types.js';
import { endText, findingLine, isBad, outcomeOf, sideText, trialName, violatingPoints } from './words.js';

export const github: Reporter = (report) => {
  const bad = report.trials.flatMap((trial) =>
    trial.findings.filter(isBad).map((finding) => annotation(report, trial, finding)),
  );
  const open = report.trials
    .map((trial) => ({ trial, outcome: outcomeOf(trial) }))
    .filter(({ outcome }) => outcome.kind === 'skipped')
    .map(
      ({ trial, outcome }) =>
        `::warning title=${property('sigsweep')}::${data(`${trialName(trial.key)}: ${outcome.why}`)}`,
    );
  const gaps = report.gaps.map(
    (gap) => `::warning title=${property('sigsweep')}::${data(`not checked: ${gap}`)}`,
  );
  const end = `::notice title=sigsweep::${data(`${report.what}: ${endText(report)}`)}`;
  return `${[...bad, ...open, ...gaps, end].join('\n')}\n`;
};

function annotation({ file }: CheckReport, { key }: Trial, finding: ComparedFinding): string {
  const { rule, line } = finding;
  const place = file === null ? '' : `file=${property(file)},line=${line ?? 1},`;
  return `::error ${place}title=${property(`${rule} in ${trialName(key)}`)}::${data(findingLine(finding))}`;
}

function data(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function property(text: string): string {
  return data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}

/** Markdown for the summary of a job. */
export const githubSummary: Reporter = (report) => {
  const { what, against, trials, gaps } = report;
  const counts = countStatuses(trials).filter(({ count }) => count > 0);
  const rows = trials.map((trial) => {
    const before = trial.before === null ? '' : trial.before.verdict;
    const told = trial.findings
      .filter(({ status }) => status !== 'unchanged')
      .map((finding) => plain(`${finding.status}: ${findingLine(finding)}`));
    return `| ${plain(trialName(trial.key))} | ${before} | ${sideText(trial.after, violatingPoints(trial))} | ${told.join('<br>')} |`;
  });
  const lines = [
    `### sigsweep: ${endText(report)}`,
    '',
    plain(against === null ? what : `${what}, compared with ${against}`),
    '',
    '| trial | before | now | findings |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    counts.map(({ status, count }) => `${count} ${status}`).join(', ') || 'no findings',
    ...gaps.map((gap) => `- not checked: ${plain(gap)}`),
  ];
  return `${lines.join('\n')}\n`;
};

/** One line, in which nothing is Markdown's or HTML's. */
function plain(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replace(/[&|<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
