// Whatever ends the tracer ends the traced process: nothing is left behind by an error or Ctrl-C.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { probeMachine } from '../../src/native/probe.js';
import { programPath, whyNot } from '../conformance/setup.js';

const built = existsSync('dist/native/tracee.js');
const reason =
  whyNot() ?? (built ? null : 'not built: npm run build') ?? (probeMachine().ok ? null : 'no ptrace here');

/** Starts a process, says its id, and waits for ever, or throws. */
function script(then: string): string {
  return `
    import { Tracee } from './dist/native/tracee.js';
    const started = Tracee.start([${JSON.stringify(programPath('frame'))}, 'plain']);
    process.stdout.write(String(started.tracee.pid) + '\\n');
    ${then}`;
}

async function pidOf(stdout: NodeJS.ReadableStream): Promise<number> {
  const [chunk] = await once(stdout, 'data');
  return Number(String(chunk).trim());
}

async function gone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200 && existsSync(`/proc/${pid}`); tries++) await pause(10);
  return !existsSync(`/proc/${pid}`);
}

describe.skipIf(reason !== null)(`no process is left${reason === null ? '' : `: skipped, ${reason}`}`, () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('after %s', async (signal) => {
    const waiting = script('setInterval(() => {}, 1000);');
    const tool = spawn(process.execPath, ['--input-type=module', '-e', waiting]);
    const pid = await pidOf(tool.stdout);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    tool.kill(signal);
    await once(tool, 'exit');
    expect(await gone(pid)).toBe(true);
  });

  test('after an error', async () => {
    const failing = script("setTimeout(() => { throw new Error('broken'); }, 50);");
    const tool = spawn(process.execPath, ['--input-type=module', '-e', failing]);
    const pid = await pidOf(tool.stdout);
    await once(tool, 'exit');
    expect(await gone(pid)).toBe(true);
  });
});
