// Holds a file's frame descriptions against its code: the rule `unwind`, without running anything.
import { createHash } from 'node:crypto';
import { decodeOne } from '../asm/disassemble.js';
import { checkEverything, type ObjectReport } from '../cfi/check/archive.js';
import type { FunctionVerdict, Mismatch } from '../cfi/check/index.js';
import type { Judged } from './compare.js';
import { fingerprint } from './fingerprint.js';
import type { Finding, FramesSide, SideResult } from './types.js';

const UNWIND = 'unwind';
export const FRAMES = 'frames';

export const FRAMES_RULE = {
  id: UNWIND,
  statement:
    'at every instruction the frame description gives the true CFA, return address and saved registers',
  reason:
    'DWARF 5, section 6.4: a row holds for every address of its range; unwinders and debuggers start at any of them.',
};

function textOf({ bytes, address }: Mismatch): string {
  return decodeOne(new Uint8Array(Buffer.from(bytes, 'hex')), address)?.text ?? '(bad)';
}

/** One finding for each column that is wrong in the same way, at its first instruction. */
function findingsOf(fn: FunctionVerdict): Finding[] {
  if (fn.verdict !== 'mismatch') return [];
  const seen = new Map<string, Finding>();
  const ordinals = new Map<string, number>();
  for (const mismatch of fn.mismatches) {
    const { column, declared, actual, place } = mismatch;
    const key = `${column}|${declared}|${actual}`;
    const known = seen.get(key);
    if (known !== undefined) {
      seen.set(key, { ...known, points: known.points + 1 });
      continue;
    }
    const instruction = textOf(mismatch);
    const base = `${instruction} ${column}`;
    const nth = ordinals.get(base) ?? 0;
    ordinals.set(base, nth + 1);
    const identity = { rule: UNWIND, scenario: FRAMES, symbol: fn.name, instruction, nth, moment: column };
    seen.set(key, {
      ...{ fingerprint: fingerprint(identity), rule: UNWIND, scenario: FRAMES, symbol: fn.name, place },
      ...{ detail: `${column}: the row says ${declared}, in truth ${actual}`, instruction },
      ...{ where: `before ${place}`, points: 1, line: null, story: null },
    });
  }
  return [...seen.values()];
}

/** `points` are instructions whose row was compared. A file without a description has nothing to judge and says so. */
export function framesSide(side: FramesSide): Judged {
  if (side.bytes.length === 0) return { result: { ...nothingIn(side), reasons: [] }, findings: [] };
  const report = checkEverything(side.bytes, side.label);
  const objects: readonly ObjectReport[] = report.ok ? report.objects : [];
  const wanted = ({ name }: FunctionVerdict) => side.only === null || name === side.only;
  const functions = objects.flatMap((object) => object.functions.filter(wanted));
  const problems = objects.flatMap((object) => [
    ...(object.error === undefined ? [] : [object.error]),
    ...object.problems.map(({ section, message }) => `.${section}: ${message}`),
  ]);
  const reasons = [
    ...(report.ok ? problems : [report.error.message]),
    ...functions.flatMap((fn) =>
      fn.verdict === 'unjudged' ? fn.reasons.map((reason) => `${fn.name}: ${reason}`) : [],
    ),
  ];
  const findings = functions.flatMap(findingsOf);
  const points = functions.reduce((sum, fn) => sum + fn.instructions, 0);
  const verdict = findings.length > 0 ? 'violation' : reasons.length > 0 ? 'inconclusive' : 'clean';
  const code = createHash('sha256').update(side.bytes).digest('hex').slice(0, 8);
  const counts = { planned: points, executed: points, reasons };
  return { result: { label: side.label, vdso: '', form: '', code, verdict, ...counts }, findings };
}

/** No file at all, such as the earlier version of a new one. */
function nothingIn({ label }: FramesSide): Omit<SideResult, 'reasons'> {
  return { label, vdso: '', form: '', code: '', verdict: 'clean', planned: 0, executed: 0 };
}
