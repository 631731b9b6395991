// Writes a report through its reporters: one to standard output, the others to files.
import { writeFileSync } from 'node:fs';
import { FRAMES_RULE } from '../../check/frames-side.js';
import type { CheckReport } from '../../check/types.js';
import { REPORTERS, type ReporterContext } from '../../report/reporters/index.js';
import { RULES } from '../../rules/judge.js';
import { programEnd } from '../../rules/program-end.js';
import type { Output } from '../commands/check.js';
import { InputError } from '../errors.js';
import type { Io } from '../io.js';
import { version } from '../version.js';

export function reportCheck(report: CheckReport, outputs: readonly Output[], io: Io): void {
  const rules = new Map(
    [...RULES, FRAMES_RULE, programEnd].map(({ id, statement, reason }) => [id, { statement, reason }]),
  );
  const context = (file: string | null): ReporterContext => ({
    ...{ version: version(), rules, colour: file === null && io.colour },
  });
  for (const { name, file } of outputs) {
    const text = REPORTERS.get(name)?.(report, context(file)) ?? '';
    if (file === null) io.out(text);
    else write(file, text);
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new InputError(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
