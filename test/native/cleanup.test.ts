// Whatever ends the tracer ends the traced process: nothing is left behind by an error or Ctrl-C.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Processes, the launcher among them, that were started for the program at this path. */
function running(path: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'latin1').startsWith(`${path}\0`);
    } catch {
      return false;
    }
  });
}

async function until(holds: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 2000; tries++) {
    if (holds()) return true;
    await pause(10);
  }
  return false;
}

/** Also where it is a zombie still, since nobody has reaped it. */
function gone(pid: number): Promise<boolean> {
  return until(() => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1') === '';
    } catch {
      return true;
    }
  });
}

describe.skipIf(reason !== null)(`no process is left${reason === null ? '' : `: skipped, ${reason}`}`, () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)('after %s', async (signal) => {
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

  // Wherever it is just then: starting a process, stepping it, waiting for it to sleep; with a child of its own.
  test.each([
    ['SIGINT', 'children'],
    ['SIGHUP', 'restart'],
    ['SIGKILL', 'restart'],
    ['SIGKILL', 'children'],
  ] as const)('after %s in the middle of comparing %s', async (signal, program) => {
    const folder = mkdtempSync(join(tmpdir(), 'sigsweep-'));
    const path = join(folder, program);
    copyFileSync(programPath(program), path);
    const tool = spawn(process.execPath, ['dist/cli/main.js', 'conform', path, '--json'], {
      stdio: 'ignore',
    });
    try {
      expect(await until(() => running(path).length > 0)).toBe(true);
      tool.kill(signal);
      const [, by] = await once(tool, 'exit');
      expect(by).toBe(signal);
      expect(await until(() => running(path).length === 0)).toBe(true);
    } finally {
      tool.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});
