// `sigsweep doctor`: what is here, what is missing with the command that gets it, and whether a sweep really tells right
// from wrong on this machine: a cell that must be clean and one that must not be are run.
import type { Command } from 'commander';
import { type Fact, facts } from '../../../scripts/facts.mjs';
import { pad, type Style, styleFor } from '../../report/style.js';
import { runCell } from '../../suite/cell.js';
import { type CellId, type CellVerdict, verdictOf, violating } from '../../suite/types.js';
import { chooseVdso } from '../input.js';
import { EXIT, type Io, writeJson } from '../io.js';

export interface ControlResult {
  readonly id: string;
  readonly what: string;
  readonly expected: CellVerdict;
  /** What came out; a reason in words when it could not be run. */
  readonly got: string;
  readonly ok: boolean;
}

interface Control {
  readonly id: string;
  readonly what: string;
  readonly design: string;
  readonly expected: CellVerdict;
}

const CONTROLS: readonly Control[] = [
  {
    id: 'positive',
    what: 'musl as shipped loses no cancellation of a read',
    design: 'pc-check',
    expected: 'clean',
  },
  {
    id: 'negative',
    what: 'its call made through the vDSO loses some, and the sweep sees it',
    design: 'naive-vdso',
    expected: 'violation',
  },
];

export function addDoctor(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('doctor')
    .description('what is here, what is missing and the command that gets it; two sweeps with a known answer')
    .option('--json', 'the same for machines')
    .action((options: { json?: true }) => done(doctor(options.json === true, io)));
}

export function doctor(json: boolean, io: Io): number {
  const found = facts();
  const controls = CONTROLS.map(runControl);
  const ok = found.every(({ state }) => state !== 'missing') && controls.every((control) => control.ok);
  if (json) writeJson(io, { ok, facts: found, controls });
  else io.out(doctorText(found, controls, ok, styleFor(io.colour)));
  return ok ? EXIT.clean : EXIT.broken;
}

function runControl({ id, what, design, expected }: Control): ControlResult {
  const answer = (got: string, ok: boolean): ControlResult => ({ id, what, expected, got, ok });
  try {
    const cellId: CellId = {
      libc: 'musl-1.2.3',
      design,
      vdso: chooseVdso(undefined).id,
      scenario: 'read-empty',
    };
    const cell = runCell(cellId);
    if (cell.kind === 'skipped') return answer(`not run: ${cell.reason}`, false);
    const verdict = verdictOf(cell);
    return answer(
      `${verdict}: ${violating(cell).length} of ${cell.executed} points on ${cellId.vdso}`,
      verdict === expected,
    );
  } catch (error) {
    return answer(`not run: ${error instanceof Error ? error.message : String(error)}`, false);
  }
}

const SIGNS: Readonly<Record<Fact['state'], string>> = { ok: 'ok', missing: 'MISSING', skipped: 'skipped' };

function doctorText(
  found: readonly Fact[],
  controls: readonly ControlResult[],
  ok: boolean,
  style: Style,
): string {
  const width = Math.max(...found.map(({ id }) => id.length)) + 2;
  const lines = found.flatMap(({ id, what, state, detail, fix }) => {
    const colour = state === 'ok' ? style.good : state === 'missing' ? style.bad : style.doubt;
    const line = `${colour(pad(SIGNS[state], 9))}${pad(id, width)}${what}: ${detail}`;
    return fix === '' ? [line] : [line, `${pad('', 9 + width)}get it: ${style.bold(fix)}`];
  });
  const proofs = controls.map((control) => {
    const sign = control.ok ? style.good(pad('ok', 9)) : style.bad(pad('BROKEN', 9));
    return `${sign}${pad(`${control.id} control`, width)}${control.what} (${control.got})`;
  });
  const end = ok
    ? style.good('everything is here, and both controls came out as they must')
    : style.bad('sigsweep cannot work here as it is: see above');
  return [...lines, '', ...proofs, '', end, ''].join('\n');
}
