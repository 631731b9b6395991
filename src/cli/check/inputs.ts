// Which of a check's inputs was given, and the plan that it comes to.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { planAssembly } from '../../check/asm-input.js';
import { heldToExpected, isRegressionFolder, planFolder } from '../../check/folder-input.js';
import { planLibc, planShipped } from '../../check/libc-input.js';
import { planPatch } from '../../check/patch-input.js';
import type { CheckChoice, CheckPlan, PlanResult } from '../../check/plan.js';
import { planProgram } from '../../check/program-input.js';
import type { CheckReport } from '../../check/types.js';
import { planVdso } from '../../check/vdso-input.js';
import { SIGNAL_COUNT, signals } from '../../kernel/abi/signals.js';
import { allLibcs } from '../../suite/catalog.js';
import { InputError, UsageError } from '../errors.js';
import { readInputFile } from '../input.js';

export interface CheckInputs {
  readonly asm?: string;
  readonly replaces?: string;
  readonly libc?: string;
  readonly vdso?: string[];
  readonly patch?: string;
  readonly tree?: string;
  readonly program?: string;
  readonly window?: string;
  readonly signal?: string;
  readonly arg?: string[];
  readonly scenario?: string[];
}

export interface Planned {
  readonly plan: CheckPlan;
  /** What is done with the report before anybody sees it. */
  readonly finish: (report: CheckReport) => CheckReport;
}

const asItIs = (report: CheckReport): CheckReport => report;

export function planFor(folder: string | undefined, inputs: CheckInputs): Planned {
  const given = { folder, ...inputs };
  const shipped = allLibcs().includes(inputs.libc ?? '');
  const vdsoFiles = (inputs.vdso ?? []).filter((name) => isFile(name));
  const libcFile = inputs.libc !== undefined && !shipped;
  const kinds = [
    ...(['folder', 'asm', 'patch', 'program'] as const).filter((name) => given[name] !== undefined),
    ...(libcFile ? ['libc'] : []),
    ...(vdsoFiles.length > 0 ? ['vdso'] : []),
  ];
  if (kinds.length > 1)
    throw new UsageError(
      `only one thing can be checked at a time: ${kinds.map((kind) => (kind === 'folder' ? kind : `--${kind}`)).join(' or ')}`,
    );
  pairs(inputs);
  if (folder !== undefined) return planFolderAt(folder);
  const choice: CheckChoice = {
    libc: shipped ? inputs.libc : undefined,
    scenarios: inputs.scenario ?? [],
    images: (inputs.vdso ?? []).filter((name) => !vdsoFiles.includes(name)),
  };
  return { plan: accepted(planInput(inputs, choice, vdsoFiles)), finish: asItIs };
}

function planInput(
  { asm, replaces, libc, patch, tree, program, window, signal, arg = [] }: CheckInputs,
  choice: CheckChoice,
  vdsoFiles: string[],
): PlanResult {
  const textOf = (path: string) => Buffer.from(readInputFile(path)).toString('utf8');
  const [image] = vdsoFiles;
  if (asm !== undefined)
    return planAssembly({ path: asm, text: textOf(asm), replaces: replaces ?? '', choice });
  if (patch !== undefined) return planPatch({ path: patch, text: textOf(patch), tree: tree ?? '', choice });
  if (program !== undefined)
    return planProgram({
      ...{ path: program, bytes: readInputFile(program), window: window ?? '', args: arg, choice },
      signal: signal === undefined ? undefined : signalNumber(signal),
    });
  if (image !== undefined) return planVdso({ path: image, bytes: readInputFile(image), choice });
  if (choice.libc !== undefined) return planShipped(choice.libc, choice);
  if (libc !== undefined) {
    const path = archiveAt(libc);
    return planLibc({ path, bytes: readInputFile(path), choice });
  }
  throw new UsageError(
    'nothing to check: give a folder, --asm, --libc, --vdso, --program or --patch (see sigsweep check -h)',
  );
}

/** Options that mean nothing alone. */
function pairs({ asm, replaces, patch, tree, program, window, signal, arg }: CheckInputs): void {
  const both = (a: string | undefined, b: string | undefined, first: string, second: string) => {
    if ((a === undefined) !== (b === undefined)) throw new UsageError(`${first} and ${second} go together`);
  };
  both(asm, replaces, '--asm', '--replaces');
  both(patch, tree, '--patch', '--tree');
  both(program, window, '--program', '--window');
  if (program === undefined && (signal !== undefined || arg !== undefined))
    throw new UsageError('--signal and --arg go with --program');
  if (tree !== undefined && !isFolder(tree)) throw new InputError(`cannot read ${tree}: it is not a folder`);
}

/** SIGUSR1, USR1 or a number from 1 to 64. */
function signalNumber(text: string): number {
  const named = Object.entries(signals).find(([name]) => name === text || name === `SIG${text}`)?.[1];
  const number = named ?? Number(text);
  if (!Number.isInteger(number) || number < 1 || number > SIGNAL_COUNT)
    throw new UsageError(`--signal ${text}: no such signal; expected a name such as SIGUSR1, or a number`);
  return number;
}

function planFolderAt(path: string): Planned {
  if (!isFolder(path)) throw new InputError(`cannot read ${path}: it is not a folder`);
  if (!isRegressionFolder(path)) throw new InputError(`${path} has no NAME.S with a NAME.expected beside it`);
  const result = planFolder(path);
  if (!result.ok) throw new InputError(result.reason);
  const { plan, entries } = result.folder;
  return { plan, finish: (report) => heldToExpected(report, entries) };
}

function accepted(result: PlanResult): CheckPlan {
  if (result.ok) return result.plan;
  throw result.usage ? new UsageError(result.reason) : new InputError(result.reason);
}

/** libc.a itself, or in a folder where an installation or a build has it. */
function archiveAt(path: string): string {
  if (!isFolder(path)) return path;
  const found = ['libc.a', 'lib/libc.a', 'usr/lib/libc.a']
    .map((name) => join(path, name))
    .find((one) => isFile(one));
  if (found === undefined) throw new InputError(`${path} has no libc.a, lib/libc.a or usr/lib/libc.a`);
  return found;
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
