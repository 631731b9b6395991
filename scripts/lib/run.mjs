// External programs, run synchronously: set-up is a straight line.
import { spawnSync } from 'node:child_process';
import { SetupError } from './log.mjs';

/**
 * @param {string} command @param {readonly string[]} args @param {import('node:child_process').SpawnSyncOptions} [options]
 * @returns {{ ok: boolean, stdout: Buffer, stderr: string, reason: string }} never throws; `reason` is one line
 */
export const attempt = (command, args, options = {}) => {
  const r = spawnSync(command, args, {
    maxBuffer: 1 << 29,
    env: { ...process.env, LC_ALL: 'C' },
    ...options,
  });
  const stderr = r.stderr ? r.stderr.toString() : '';
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const reason = r.error
    ? `${command}: ${r.error.message}`
    : last || `${command} ended with ${r.status ?? r.signal}`;
  return { ok: !r.error && r.status === 0, stdout: r.stdout ?? Buffer.alloc(0), stderr, reason };
};

/** As attempt, but a failure is a SetupError `code` that says what was being done. @returns {Buffer} stdout */
export const run = (code, what, command, args, options = {}) => {
  const r = attempt(command, args, options);
  if (!r.ok) throw new SetupError(code, `${what} failed: ${r.reason}`);
  return r.stdout;
};
