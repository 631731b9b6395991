// A folder of regression files: every NAME.S with a NAME.expected is checked, and what is found is held to what is expected.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planFramesOnly, planOverlay, VSYSCALL } from './asm-input.js';
import { assemble } from './assembly.js';
import { type Expected, type ExpectedFinding, findingText, parseExpected } from './expected.js';
import { fingerprint, withoutAddresses } from './fingerprint.js';
import { FRAMES } from './frames-side.js';
import { type CheckPlan, DEFAULT_LIBC, type PlanResult, refuse } from './plan.js';
import { checkReport } from './run.js';
import type { CheckReport, ComparedFinding, Trial, TrialSpec } from './types.js';
import { planImage } from './vdso-input.js';
import { imageFromAssembly } from './vdso-source.js';

export interface FolderPlan {
  readonly plan: CheckPlan;
  readonly entries: ReadonlyMap<string, Expected>;
}

export type FolderResult =
  | { readonly ok: true; readonly folder: FolderPlan }
  | Extract<PlanResult, { ok: false }>;

/** Behind the name in a trial's key: the file with its mistake corrected. */
const FIXED = ' corrected';

export function isRegressionFolder(path: string): boolean {
  return readdirSync(path).some((name) => name.endsWith('.expected'));
}

export function planFolder(path: string): FolderResult {
  const names = readdirSync(path)
    .filter((name) => name.endsWith('.S'))
    .map((name) => name.slice(0, -2))
    .sort();
  const entries = new Map<string, Expected>();
  const specs: TrialSpec[] = [];
  const gaps: string[] = [];
  for (const name of names) {
    const file = join(path, `${name}.expected`);
    if (!existsSync(file)) {
      gaps.push(`${name}.S has no ${name}.expected beside it`);
      continue;
    }
    const parsed = parseExpected(readFileSync(file, 'utf8'), `${name}.expected`);
    if (!parsed.ok) return refuse(parsed.reason);
    entries.set(name, parsed.expected);
    const planned = planEntry(path, name, parsed.expected);
    if (!planned.ok) return planned;
    specs.push(...planned.plan.specs);
    gaps.push(...planned.plan.gaps);
  }
  if (entries.size === 0) return refuse(`${path} has no NAME.S with a NAME.expected beside it`);
  const plan = { what: path, against: 'what is expected', file: null, specs, gaps };
  return { ok: true, folder: { plan, entries } };
}

/** The file as it is, and where it says how, with its mistake corrected. */
function planEntry(folder: string, name: string, expected: Expected): PlanResult {
  const wrong = planVariant(folder, name, expected, []);
  if (!wrong.ok || expected.fixedBy === null) return wrong;
  const fixed = planVariant(folder, name, expected, [expected.fixedBy]);
  if (!fixed.ok) return fixed;
  const specs = [...wrong.plan.specs, ...fixed.plan.specs];
  return { ok: true, plan: { ...wrong.plan, specs, gaps: [...wrong.plan.gaps, ...fixed.plan.gaps] } };
}

function planVariant(folder: string, name: string, expected: Expected, defines: string[]): PlanResult {
  const path = join(folder, `${name}.S`);
  const input = { name: `${name}.S`, path, text: readFileSync(path, 'utf8'), defines };
  const { replaces, libc = DEFAULT_LIBC, scenarios: all, images } = expected;
  const scenarios = all.filter((scenario) => scenario !== FRAMES);
  const choice = { libc, scenarios, images };
  const label = defines.length > 0 ? `${name}${FIXED}` : name;
  const planned = (): PlanResult => {
    if (replaces === VSYSCALL) {
      const image = imageFromAssembly(input);
      if (!image.ok) return refuse(image.error.message);
      return planImage({ what: label, image: image.image, choice, file: input.name, naive: true });
    }
    const built = assemble(input);
    if (!built.ok) return refuse(built.reason);
    const { assembled } = built;
    if (all.length > 0 && scenarios.length === 0) return planFramesOnly(label, assembled, replaces);
    return planOverlay({
      ...{ label, what: label, assembled, libc, file: input.name, choice, replaces, before: null },
    });
  };
  const result = planned();
  if (!result.ok) return refuse(`${name}.S: ${result.reason}`, result.usage);
  const wanted = ({ key }: TrialSpec) => all.length === 0 || all.includes(key.scenario);
  const specs = result.plan.specs
    .filter(wanted)
    .map((spec) => ({ ...spec, before: null, key: { ...spec.key, code: label } }));
  return { ok: true, plan: { ...result.plan, specs } };
}

/** What was found becomes unchanged where it was expected and new where not; what was not found is a finding of its own. */
export function heldToExpected(report: CheckReport, entries: FolderPlan['entries']): CheckReport {
  const trials = report.trials.map((trial) => {
    const expected = entries.get(trial.key.code)?.findings ?? [];
    return { ...trial, findings: heldTrial(trial, expected) };
  });
  const { what, against, file, gaps } = report;
  return checkReport({ what, against, file, gaps: [...gaps, ...absentScenarios(trials, entries)] }, trials);
}

function isOf(finding: ComparedFinding, { rule, scenario }: ExpectedFinding): boolean {
  return finding.rule === rule && finding.scenario === scenario;
}

function heldTrial({ key, findings }: Trial, all: readonly ExpectedFinding[]): ComparedFinding[] {
  const expected = all.filter(({ scenario }) => scenario === key.scenario);
  const held = findings.map((finding): ComparedFinding => {
    const wanted = expected.find((one) => isOf(finding, one));
    const first = findings.find((other) => other.rule === finding.rule);
    const right =
      wanted !== undefined &&
      first?.place === wanted.place &&
      withoutAddresses(first.instruction) === withoutAddresses(wanted.instruction);
    return { ...finding, status: right ? 'unchanged' : 'new' };
  });
  const absent = expected.filter((one) => !findings.some((finding) => isOf(finding, one)));
  return [...held, ...absent.map((one) => notFound(one, key.code))];
}

const NOT_FOUND = 'not-found';

function notFound(one: ExpectedFinding, file: string): ComparedFinding {
  const { rule, scenario, place, instruction } = one;
  const symbol = place.replace(/\+.*$/, '');
  const identity = {
    rule: NOT_FOUND,
    scenario: `${file} ${rule} ${scenario}`,
    symbol,
    instruction,
    nth: 0,
    moment: '',
  };
  return {
    ...{ fingerprint: fingerprint(identity), rule: NOT_FOUND, scenario, symbol, place, instruction },
    ...{ detail: `expected and not found: ${findingText(one)}`, where: `before ${place}`, points: 0 },
    ...{ line: null, story: null, status: 'new' },
  };
}

/** An expectation in a scenario that is not run would be kept by nobody. */
function absentScenarios(trials: readonly Trial[], entries: FolderPlan['entries']): string[] {
  return [...entries].flatMap(([name, { findings }]) =>
    findings
      .filter(({ scenario }) => !trials.some(({ key }) => key.code === name && key.scenario === scenario))
      .map((one) => `${name}.expected: its scenario ${one.scenario} is not run`),
  );
}
