// sigsweep as a library: the same parts that the commands are made of. Everything here is plain data and functions; what is
// not exported may change without notice. Errors for people are in results (`ok: false`); exceptions mean a broken tool.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ElfFile, parseElf } from './elf/index.js';
import { CACHE } from './suite/catalog.js';
import { type ListedImage, listImages as listImagesIn } from './vdso/index.js';

export { type CheckAnswer, type CheckInput, type CheckRequest, check } from './check/api.js';
export { parseBaseline } from './check/baseline.js';
export { fingerprint } from './check/fingerprint.js';
export type { CheckReport, ComparedFinding, Finding, Trial } from './check/types.js';
export { CpuError, type CpuErrorCode } from './cpu/index.js';
export { CONTROLS, type Control, DESIGNS } from './design/designs.js';
export type { Design } from './design/types.js';
export { type ElfFile, parseElf } from './elf/index.js';
export { SCENARIOS, type Scenario } from './explore/scenarios.js';
export { runToken, type TokenRun } from './fuzz/run-token.js';
export type { Event } from './kernel/history.js';
export { judge, RULES } from './rules/judge.js';
export type { Rule, RuleId, Verdict, Violation } from './rules/types.js';
export { runCell, runCell as sweep, UnknownNameError } from './suite/cell.js';
export { type MatrixPlan, type MatrixRequest, planMatrix } from './suite/plan.js';
export { type PoolOptions, runCells } from './suite/pool.js';
export { type Replay, type ReplayResult, replay } from './suite/replay.js';
export { formatToken, parseToken, type Token, type TokenResult } from './suite/token.js';
export {
  type CellId,
  type CellResult,
  type CellVerdict,
  type PointResult,
  verdictOf,
} from './suite/types.js';
export { type CpuKind, type Flavour, type ListedImage, loadVdso, type VdsoImage } from './vdso/index.js';
export { type CreateResult, createWorld } from './world/create.js';
export type { Overlay, WorldOptions } from './world/options.js';
export type { RunRecord } from './world/record.js';
export type { Ending, World } from './world/world.js';

/** Every vDSO image that set-up has put into the cache, or those of a folder laid out like it, in order of their ids. */
export function listImages(folder: string = join(CACHE, 'vdso')): readonly ListedImage[] {
  return listImagesIn(folder);
}

/** A static i386 executable read from a file. */
export function loadProgram(path: string): { ok: true; program: ElfFile } | { ok: false; reason: string } {
  const parsed = parseElf(new Uint8Array(readFileSync(path)), path);
  return parsed.ok ? { ok: true, program: parsed.elf } : { ok: false, reason: parsed.error.message };
}
