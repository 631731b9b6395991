// The static check of frame descriptions: the public face.
import type { ElfFile } from '../../elf/index.js';
import { type FileFrames, readFileFrames } from '../frames.js';
import { Analysis } from './analyse.js';
import { CodeSpace } from './code.js';
import { type FunctionList, listFunctions, makeNameAt } from './functions.js';
import { makeHints } from './hints.js';
import type { FunctionVerdict } from './verdict.js';

export type { FunctionVerdict, Mismatch } from './verdict.js';

export interface CheckResult {
  readonly frames: FileFrames;
  /** By table and address; descriptions of nothing come last. */
  readonly functions: readonly FunctionVerdict[];
}

function checkList(elf: ElfFile, code: CodeSpace, list: FunctionList): FunctionVerdict[] {
  const analysis = new Analysis(code, list.functions, makeHints(elf, code));
  analysis.run();
  const judged = list.functions.flatMap((fn) => analysis.findings.get(fn)?.verdict(list.section) ?? []);
  const rest = list.uncovered.map(({ fdeOffset, name, reason }): FunctionVerdict => {
    const head = { name, table: list.section, fde: fdeOffset, start: 0, size: 0, instructions: 0 };
    return { ...head, verdict: 'unjudged', reasons: [reason] };
  });
  return [...judged, ...rest];
}

/** Judges every function of a file that has a frame description. Never throws on bad input. */
export function checkFile(elf: ElfFile): CheckResult {
  const frames = readFileFrames(elf);
  const code = new CodeSpace(elf);
  try {
    const nameAt = makeNameAt(elf, code);
    const functions = frames.tables.flatMap((table) =>
      checkList(elf, code, listFunctions(table, code, nameAt)),
    );
    return { frames, functions };
  } finally {
    code.close();
  }
}
