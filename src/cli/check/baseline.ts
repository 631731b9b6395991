// --baseline: a file, or the baseline of a shipped C library that comes with sigsweep.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseBaseline } from '../../check/baseline.js';
import type { Baseline } from '../../check/schema.js';
import { ROOT } from '../../suite/folders.js';
import { InputError } from '../errors.js';
import { readInputFile } from '../input.js';

/** Written by scripts of this repository: see docs/check.md. */
export const BASELINES = join(ROOT, 'baselines');

export function readBaselineFile(which: string): { readonly name: string; readonly value: Baseline } {
  const shipped = join(BASELINES, `${which}.json`);
  const path = !existsSync(which) && existsSync(shipped) ? shipped : which;
  const parsed = parseBaseline(Buffer.from(readInputFile(path)).toString('utf8'));
  if (!parsed.ok) throw new InputError(`${which} is no baseline: ${parsed.reason}`);
  return { name: `the baseline ${which}`, value: parsed.value };
}
