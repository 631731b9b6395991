// What a finding of the fuzz is handed out as: a test that somebody pastes into a project, which fails by the same rule; and
// a C program that shows it on this machine.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execaSync } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { replayStage } from '../../src/fuzz/replay.js';
import { runToken } from '../../src/fuzz/run-token.js';
import { runFuzz } from '../../src/fuzz/session.js';
import { entryProgram } from '../../src/report/entry-program.js';
import { vitestCase } from '../../src/report/vitest-case.js';
import { scratchFolder } from '../assembled.js';

async function found(target: 'entry' | 'cancel', plant: string, cases: number, seed = 1) {
  const spec = { target, plant, design: null, scenario: null };
  const { findings } = await runFuzz(spec, { seed, goOn: () => false, jobs: 1, corpus: [], cases });
  return { rule: findings[0]?.finding.rule ?? '', token: findings[0]?.token ?? '' };
}

let entry: Awaited<ReturnType<typeof found>>;
let cancel: Awaited<ReturnType<typeof found>>;

beforeAll(async () => {
  // A seed whose smallest case makes its calls without signals.
  entry = await found('entry', 'pops-swapped', 250, 2);
  cancel = await found('cancel', 'no-check', 60);
});

/** A project of somebody else's that has the package. */
function project(): string {
  const folder = join(scratchFolder(), 'project');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(resolve('.'), join(folder, 'node_modules', 'sigsweep'));
  symlinkSync(resolve('node_modules/vitest'), join(folder, 'node_modules', 'vitest'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
  return folder;
}

describe('the test of a finding', () => {
  it('fails where it is pasted, by the rule that was broken', () => {
    const folder = project();
    const rules = [entry, cancel].map(({ rule, token }, i) => {
      const text = vitestCase(runToken(token));
      expect(text).toContain(token);
      writeFileSync(join(folder, `finding${i}.test.js`), text);
      return rule;
    });
    const { stdout, stderr, exitCode } = execaSync(
      process.execPath,
      [join(folder, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder, '--no-color'],
      { cwd: folder, reject: false, env: { NO_COLOR: '1' } },
    );
    expect(exitCode).toBe(1);
    for (const rule of rules) expect(stdout + stderr).toMatch(new RegExp(`rule to hold:\\n\\s*${rule}`));
  });

  it('says why when the case is for other code, and never passes then', () => {
    const other = runToken(cancel.token.replace(/[0-9a-f]{8}$/, '00000000'));
    expect(other).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('the code here is'),
    });
    expect(runToken('nothing')).toMatchObject({ verdict: 'inconclusive', broken: [] });
  });
});

describe('the C program of a finding', () => {
  it('is built without a C library, and shows which registers are wrong on this machine', (context) => {
    const replayed = replayStage(entry.token);
    if (!replayed.ok) throw new Error(replayed.reason);
    const program = entryProgram(replayed.story, entry.token);
    if (!program.ok) throw new Error(program.reason);
    const source = join(scratchFolder(), 'case.c');
    writeFileSync(source, program.text);
    const flags = /Build: gcc (.*) -o case case\.c/.exec(program.text)?.[1]?.split(' ') ?? [];
    const built = execaSync(
      'gcc',
      [...flags, '-Wall', '-Werror', '-o', join(scratchFolder(), 'case'), source],
      {
        reject: false,
      },
    );
    expect(built.stderr).toBe('');
    const run = execaSync(join(scratchFolder(), 'case'), [], { reject: false });
    if (run.exitCode === undefined) return context.skip(`32-bit programs do not run here: ${run.message}`);
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(
      /^e(?:dx|bp) after the call is 0x\w{8} by int \$0x80, 0x\w{8} by the entry of /m,
    );
  });

  it('is refused with the reason where the case is not one for a program', () => {
    const replayed = replayStage(entry.token);
    if (!replayed.ok || !('calls' in replayed.story.of)) throw new Error('no story of entry');
    const { story } = replayed;
    const of = { ...replayed.story.of, stack: 'guard' } as const;
    expect(entryProgram({ ...story, of }, entry.token)).toEqual({
      ok: false,
      reason: 'the stack stands at an edge of memory',
    });
  });
});
