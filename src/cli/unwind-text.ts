// The report of `sigsweep unwind` for people: what is wrong, what could not be judged, and the counts last.
import { decodeOne } from '../asm/index.js';
import type { ObjectReport } from '../cfi/check/archive.js';
import type { FunctionVerdict, Mismatch } from '../cfi/check/verdict.js';
import { plural } from '../report/style.js';

export interface Counts {
  readonly functions: number;
  readonly consistent: number;
  readonly mismatch: number;
  readonly unjudged: number;
  readonly instructions: number;
  /** Files and entries that could not be read. */
  readonly problems: number;
}

export function countsOf(objects: readonly ObjectReport[]): Counts {
  const functions = objects.flatMap((object) => object.functions);
  const of = (verdict: FunctionVerdict['verdict']): number =>
    functions.filter((f) => f.verdict === verdict).length;
  return {
    functions: functions.length,
    consistent: of('consistent'),
    mismatch: of('mismatch'),
    unjudged: of('unjudged'),
    instructions: functions.reduce((sum, f) => sum + f.instructions, 0),
    problems: objects.reduce((sum, o) => sum + o.problems.length + Number(o.error !== undefined), 0),
  };
}

const hex = (value: number): string => `0x${value.toString(16)}`;

function instructionText({ bytes, address }: Mismatch): string {
  const raw = new Uint8Array(Buffer.from(bytes, 'hex'));
  return decodeOne(raw, address)?.text ?? '(bad)';
}

/** The first instruction of each column that goes wrong in the same way, with how many there are. */
function mismatchLines(mismatches: readonly Mismatch[]): string[] {
  const groups = new Map<string, Mismatch[]>();
  for (const mismatch of mismatches) {
    const key = `${mismatch.column}|${mismatch.declared}|${mismatch.actual}`;
    groups.set(key, [...(groups.get(key) ?? []), mismatch]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { place, section, offset, bytes, column, declared, actual, row } = first;
    const more = group.length > 1 ? `, and at ${group.length - 1} more` : '';
    const where = section === '' ? hex(offset) : `${section} ${hex(offset)}`;
    return [
      `  at ${place} (${where}${more}): ${bytes}  ${instructionText(first)}`,
      `    ${column}: the row says ${declared}`,
      `    in truth: ${actual}`,
      `    row: ${row}`,
    ];
  });
}

function functionLines(member: string, fn: FunctionVerdict): string[] {
  const name = member === '' ? fn.name : `${member}: ${fn.name}`;
  const head = `${fn.verdict} ${name} (.${fn.table} entry ${hex(fn.fde)})`;
  if (fn.verdict === 'mismatch') return [head, ...mismatchLines(fn.mismatches)];
  return fn.verdict === 'unjudged' ? [head, ...fn.reasons.map((reason) => `  ${reason}`)] : [];
}

function objectLines({ member, error, problems, functions }: ObjectReport): string[] {
  const name = member === '' ? '' : `${member}: `;
  return [
    ...(error === undefined ? [] : [`unread ${error}`]),
    ...problems.map(
      ({ section, offset, message }) => `unread ${name}.${section} entry ${hex(offset)}: ${message}`,
    ),
    ...functions.flatMap((fn) => functionLines(member, fn)),
  ];
}

export function unwindText(path: string, objects: readonly ObjectReport[]): string {
  const { functions, consistent, mismatch, unjudged, instructions, problems } = countsOf(objects);
  const unread = problems === 0 ? '' : `, ${problems} unread`;
  const summary =
    functions === 0
      ? `${path}: nothing to judge: no function has a frame description${unread}`
      : `${path}: ${plural(functions, 'function')} with a frame description, ${plural(instructions, 'instruction')}: ${consistent} consistent, ${mismatch} mismatch, ${unjudged} unjudged${unread}`;
  return `${[...objects.flatMap(objectLines), summary].join('\n')}\n`;
}
