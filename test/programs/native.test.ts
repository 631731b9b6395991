// Every scenario ends by itself on the running kernel, whatever order its threads happen to run in.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { LIBCS, programPath, SCENARIOS } from './model.js';

const RUNS = 20;
/** Several at once, so that threads are preempted at different places. */
const AT_ONCE = 5;
const LIMIT_MS = 20_000;

const run = promisify(execFile);

/** Exit status, or what went wrong instead. */
async function runOnce(path: string): Promise<string> {
  try {
    const { stderr } = await run(path, [], { timeout: LIMIT_MS, killSignal: 'SIGKILL' });
    return `exit 0${stderr}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe.each(LIBCS)('%s', (libc) => {
  test.for(SCENARIOS)('%s ends with status 0 every time', async (scenario, { skip }) => {
    const path = programPath(libc, scenario);
    if (!existsSync(path)) return skip(`${libc} is not here: node scripts/bootstrap.mjs`);
    const probe = spawnSync(path, { timeout: LIMIT_MS });
    if (probe.error !== undefined && 'code' in probe.error && probe.error.code === 'ENOEXEC') {
      return skip('this kernel runs no 32-bit programs');
    }
    const outcomes: string[] = [];
    while (outcomes.length < RUNS) {
      outcomes.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => runOnce(path)))));
    }
    expect(new Set(outcomes)).toEqual(new Set(['exit 0']));
  });
});
