/** The report of `sigsweep conform` for people: what was compared, and every difference as model beside kernel. */
import type { CaseReport, MachineFacts, ProgramReport, Totals } from '../native/conform.js';
import type { CoverageRow, CoverageSection } from '../native/coverage.js';
import type { CaseDifference } from '../native/sweep.js';

export function machineText({ kernel, cpu, vdso, xsave }: MachineFacts): string {
  const area = xsave === null ? 'FXSAVE only' : `XSAVE area of ${xsave} bytes`;
  return `this machine: Linux ${kernel}, ${cpu}, vDSO ${vdso}, ${area}\n`;
}

export function programText({ name, cases, failed }: ProgramReport): string {
  const lines = cases.flatMap((one) => caseLines(name, one));
  if (failed !== null) lines.push(`${name}: not compared: ${failed}`);
  return `${lines.join('\n')}\n`;
}

function caseLines(name: string, one: CaseReport): string[] {
  const { counts, points, differences } = one;
  const title = [name, ...one.args].join(' ');
  const verdict =
    differences.length === 0
      ? 'equal'
      : `${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}`;
  const summary = `${title}: ${verdict}; ${points} points, ${counts.steps} instructions, ${counts.frames} frames, ${counts.sigreturns} sigreturns`;
  const more = one.incomplete === null ? [] : [`  incomplete: ${one.incomplete}`];
  return [summary, ...differenceTable(differences), ...more];
}

function differenceTable(differences: readonly CaseDifference[]): string[] {
  const lines: string[] = [];
  let last = '';
  for (const { point, where, field, model, native } of differences) {
    const heading = `  ${point === '' ? 'without a signal' : `signal ${point}`}: ${where}`;
    if (heading !== last) lines.push(heading);
    last = heading;
    lines.push(`    ${field.padEnd(24)} model ${model.padEnd(12)} kernel ${native}`);
  }
  return lines;
}

export function totalsText({ points, counts, differences, incomplete }: Totals): string {
  const parts = [
    `${points} points`,
    `${counts.runs} runs`,
    `${counts.steps} instructions`,
    `${counts.calls} calls`,
    `${counts.frames} frames`,
    `${counts.sigreturns} sigreturns`,
    `${counts.masks} signal states`,
  ];
  const verdict = differences === 0 ? 'no difference' : `${differences} differences`;
  return `compared ${parts.join(', ')}: ${verdict}${incomplete === 0 ? '' : `; ${incomplete} incomplete`}\n`;
}

/** What is compared: a statement a line, and under it the cases that do it, or why none does. */
export function coverageText(sections: readonly CoverageSection[]): string {
  const paragraphs = sections.map(({ title, rows }) => [title, ...rows.map(rowText)].join('\n'));
  return `${paragraphs.join('\n\n')}\n`;
}

function rowText({ what, cases, code, without }: CoverageRow): string {
  const result = code === undefined ? '' : code === 'EINTR' ? ': -EINTR, never again' : `: ${code}`;
  const by = without === undefined ? cases.join(', ') : `not compared: ${without}`;
  return `  ${what}${result}\n      ${by}`;
}
