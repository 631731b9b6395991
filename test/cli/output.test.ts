// Who is shown what: progress and colours are for people at a terminal only.
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { processIo } from '../../src/cli/io.js';
import { MATRIX, sigsweep } from './text.js';

const ESCAPE = '\u001b';

afterEach(() => vi.unstubAllEnvs());

function terminal(value: boolean): () => void {
  const before = [process.stdout.isTTY, process.stderr.isTTY] as const;
  process.stdout.isTTY = value;
  process.stderr.isTTY = value;
  return () => {
    [process.stdout.isTTY, process.stderr.isTTY] = before;
  };
}

describe('the output', () => {
  it('has no progress and no colour codes in a pipe', async () => {
    const { out, err } = await sigsweep(MATRIX);
    expect(err).toBe('');
    expect(out).not.toContain(ESCAPE);
    expect(out).not.toContain('\r');
  });

  it('counts sweeps on standard error at a terminal, and ends the line', async () => {
    const { out, err } = await sigsweep(MATRIX, { progress: true });
    expect(err).toBe('\r1/2 sweeps\r2/2 sweeps\n');
    expect(out).not.toContain('\r');
  });

  it('colours for a terminal', async () => {
    expect((await sigsweep(MATRIX, { colour: true })).out).toContain(`${ESCAPE}[31mFAILS`);
  });

  it('knows a terminal, and NO_COLOR unless it is empty', () => {
    const restore = terminal(true);
    try {
      vi.stubEnv('NO_COLOR', '');
      expect(processIo()).toMatchObject({ colour: true, progress: true });
      vi.stubEnv('NO_COLOR', '1');
      expect(processIo()).toMatchObject({ colour: false, progress: true });
    } finally {
      restore();
    }
    const back = terminal(false);
    expect(processIo()).toMatchObject({ colour: false, progress: false });
    back();
  });

  it('of the built program can be cut off by whoever reads it', () => {
    const piped = spawnSync(
      'bash',
      ['-o', 'pipefail', '-c', '"$0" dist/cli/main.js matrix --list | head -1', process.execPath],
      { encoding: 'utf8' },
    );
    expect({ out: piped.stdout, err: piped.stderr }).toEqual({ out: 'designs (--design)\n', err: '' });
  });
});
