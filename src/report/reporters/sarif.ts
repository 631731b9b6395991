// SARIF 2.1.0 with a code flow a finding. SOURCE: OASIS, "Static Analysis Results Interchange Format Version 2.1.0"; limits:
// GitHub's documentation, "SARIF support for code scanning" (results shown, locations of a thread flow, size of a file).
import type { CheckReport, ComparedFinding, Status, Trial } from '../../check/types.js';
import type { Reporter, ReporterContext } from './types.js';
import { trialName } from './words.js';

/** GitHub shows the first 5,000 results of a run, and up to 1,000 locations of a thread flow. */
const RESULTS_MAX = 5000;
const LOCATIONS_MAX = 1000;
const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

export const sarif: Reporter = (report, context) => {
  const all = report.trials.flatMap((trial) => trial.findings.map((finding) => ({ trial, finding })));
  const ids = [...new Set(all.map(({ finding }) => finding.rule))].sort();
  const shown = [...all]
    .sort((a, b) => rank(a.finding.status) - rank(b.finding.status))
    .slice(0, RESULTS_MAX);
  const run = {
    tool: { driver: driverOf(ids, context) },
    invocations: [{ executionSuccessful: true, ...notifications(report, all.length - shown.length) }],
    columnKind: 'utf16CodeUnits',
    results: shown.map(({ trial, finding }) => resultOf(report, trial, finding, ids)),
  };
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 1)}\n`;
};

const ORDER: readonly Status[] = ['new', 'found', 'not comparable', 'unchanged', 'fixed'];
const rank = (status: Status): number => ORDER.indexOf(status);

function driverOf(ids: readonly string[], { version, rules }: ReporterContext) {
  return {
    name: 'sigsweep',
    semanticVersion: version,
    rules: ids.map((id) => {
      const rule = rules.get(id);
      const text = rule?.statement ?? 'a finding that a regression file expects';
      return {
        ...{ id, shortDescription: { text }, fullDescription: { text } },
        ...{ help: { text: rule?.reason ?? text }, defaultConfiguration: { level: 'error' } },
      };
    }),
  };
}

/** What was not checked, and what was left out for GitHub's limit: a reader of the file learns of both. */
function notifications({ gaps, trials }: CheckReport, left: number) {
  const unjudged = trials.flatMap(({ key, after }) =>
    after.reasons.map((reason) => `${trialName(key)}: ${reason}`),
  );
  const texts = [...gaps, ...unjudged, ...(left > 0 ? [`${left} results are left out`] : [])];
  if (texts.length === 0) return {};
  return { toolExecutionNotifications: texts.map((text) => ({ level: 'warning', message: { text } })) };
}

const BASELINE_STATES = { new: 'new', unchanged: 'unchanged', fixed: 'absent' } as const;

function resultOf(report: CheckReport, trial: Trial, finding: ComparedFinding, ids: readonly string[]) {
  const { rule, status, where, detail, instruction, fingerprint, story } = finding;
  const state =
    status === 'new' || status === 'unchanged' || status === 'fixed' ? BASELINE_STATES[status] : undefined;
  const text = `${rule} in ${trialName(trial.key)}, ${where} (${instruction}): ${detail}`;
  return {
    ...{
      ruleId: rule,
      ruleIndex: ids.indexOf(rule),
      level: status === 'fixed' ? 'none' : 'error',
      message: { text },
    },
    locations: [locationOf(report, finding, text)],
    partialFingerprints: { 'sigsweep/v1': fingerprint },
    ...(state === undefined ? {} : { baselineState: state }),
    ...(story === null ? {} : { codeFlows: [{ threadFlows: [flowOf(report, finding, story.timeline)] }] }),
  };
}

/** A location in the user's file where there is one; always the function and the instruction. */
function locationOf({ file }: CheckReport, { symbol, place, line }: ComparedFinding, text: string) {
  const logicalLocations = [{ name: symbol, fullyQualifiedName: place, kind: 'function' }];
  const physical = {
    artifactLocation: { uri: encodeURI(file ?? symbol) },
    region: { startLine: line ?? 1 },
  };
  return { physicalLocation: physical, logicalLocations, message: { text } };
}

function flowOf(report: CheckReport, finding: ComparedFinding, timeline: readonly string[]) {
  return {
    locations: timeline.slice(0, LOCATIONS_MAX).map((line, i) => ({
      executionOrder: i + 1,
      location: locationOf(report, finding, line.replace(/ +/g, ' ').trim()),
    })),
  };
}
