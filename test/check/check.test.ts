// `sigsweep check` as its user runs it: assembly, patches, baselines, folders and shards, with what must come out.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { afterAll, describe, expect, it } from 'vitest';
import { parseExpected } from '../../src/check/expected.js';
import { USUAL_SCENARIOS } from '../../src/explore/scenarios.js';
import { sigsweep } from '../cli/text.js';
import { point, scratch } from './assembly.js';

const folder = scratch();
afterAll(folder.remove);

const WHERE = ['--replaces', '__syscall_cp_asm', '--jobs', '1', '--vdso', '6.1-686/sysenter'];
const ONE = [...WHERE, '--scenario', 'read-data'];

interface Told {
  readonly verdict: string;
  readonly trials: readonly {
    readonly findings: readonly {
      fingerprint: string;
      scenario: string;
      rule: string;
      place: string;
      status: string;
      instruction: string;
    }[];
  }[];
}

async function told(
  argv: readonly string[],
): Promise<{ code: number; report: Told; findings: Told['trials'][number]['findings'] }> {
  const { code, out, err } = await sigsweep(['check', ...argv, '--reporter', 'json']);
  expect(err).toBe('');
  const report: Told = JSON.parse(out);
  return { code, report, findings: report.trials.flatMap(({ findings }) => findings) };
}

describe('assembly over a shipped function', () => {
  it('is clean when it is right', async () => {
    const good = folder.write('good.S', point());
    expect(await told(['--asm', good, ...ONE])).toMatchObject({
      code: 0,
      report: { verdict: 'clean' },
      findings: [],
    });
  });

  it('names rule and instruction of a range that ends too late', async () => {
    const late = folder.write('late.S', point('\tnop'));
    const { code, findings } = await told(['--asm', late, ...ONE]);
    expect(code).toBe(1);
    expect(findings.map(({ rule, status }) => `${status} ${rule}`)).toEqual(
      Array(3).fill('new no-lost-effect'),
    );
    expect(findings.at(-1)).toMatchObject({ instruction: 'nop' });
  });

  it('keeps the fingerprints of findings when unrelated code moves them', async () => {
    const late = await told(['--asm', folder.write('late.S', point('\tnop')), ...ONE]);
    const moved = await told(['--asm', folder.write('moved.S', point('\tnop', '\t.skip 100, 0x90')), ...ONE]);
    expect(moved.findings.map(({ fingerprint }) => fingerprint)).toEqual(
      late.findings.map(({ fingerprint }) => fingerprint),
    );
    expect(new Set(late.findings.map(({ fingerprint }) => fingerprint)).size).toBe(3);
  });

  it('refuses in one line what it cannot lay over', async () => {
    const bad = folder.write('bad.S', '\t.text\n\tfrobnicate %eax\n');
    const { code, err } = await sigsweep(['check', '--asm', bad, ...ONE]);
    expect([code, err.trim().split('\n').length]).toEqual([3, 1]);
    expect(err).toContain('bad.S:2:');
    expect((await sigsweep(['check', '--asm', bad])).code).toBe(64);
    expect((await sigsweep(['check'])).code).toBe(64);
  });
});

describe('a patch', () => {
  it('is answered with what it breaks, and leaves the tree as it is', async () => {
    const name = 'src/thread/i386/syscall_cp.s';
    const tree = join(folder.path, 'tree');
    mkdirSync(join(tree, 'src/thread/i386'), { recursive: true });
    writeFileSync(join(tree, name), point());
    const diff = createTwoFilesPatch(`a/${name}`, `b/${name}`, point(), point('\tnop'));
    const patch = folder.write('late.diff', diff);
    const { code, report, findings } = await told(['--patch', patch, '--tree', tree, '--jobs', '1']);
    expect(code).toBe(1);
    // In every scenario that every point meets: what was done and is thrown away, at the instruction that was put in.
    expect(report.trials.length).toBe(USUAL_SCENARIOS.length);
    const effects = ['read-data', 'read-arriving', 'open', 'recv-fd', 'write-drained'];
    expect([...new Set(findings.map(({ scenario }) => scenario))]).toEqual(effects);
    expect(new Set(findings.map(({ status, rule }) => `${status} ${rule}`))).toEqual(
      new Set(['new no-lost-effect']),
    );
    expect(findings.filter(({ instruction }) => instruction === 'nop')).toHaveLength(effects.length);
    expect(readFileSync(join(tree, name), 'utf8')).toBe(point());
  });

  it('is refused when it does not apply, and never complete when a part cannot be built', async () => {
    const tree = join(folder.path, 'other');
    mkdirSync(tree);
    writeFileSync(join(tree, 'p.s'), point());
    const wrong = folder.write('wrong.diff', createTwoFilesPatch('a/p.s', 'b/p.s', 'x\ny\n', 'x\nz\n'));
    const refused = await sigsweep(['check', '--patch', wrong, '--tree', tree]);
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('does not apply to p.s')]);
    const both = createTwoFilesPatch('a/p.s', 'b/p.s', point(), point('', '\t.align 32'));
    const c = createTwoFilesPatch('a/c.c', 'b/c.c', 'int a;\n', 'int b;\n');
    const patch = folder.write('both.diff', both + c);
    const { out, code } = await sigsweep([
      'check',
      '--patch',
      patch,
      '--tree',
      tree,
      '--scenario',
      'read-data',
      '--jobs',
      '1',
    ]);
    expect([code, out]).toEqual([2, expect.stringContaining('not checked: c.c is not built here')]);
  });
});

describe('a baseline', () => {
  it('tells new from fixed and unchanged, and what it knows nothing of', async () => {
    const late = folder.write('late.S', point('\tnop'));
    const good = folder.write('good.S', point());
    const file = join(folder.path, 'late.json');
    expect((await told(['--asm', late, ...ONE, '--save', file])).code).toBe(1);
    const same = await told(['--asm', late, ...ONE, '--baseline', file]);
    expect([same.code, same.findings.map(({ status }) => status)]).toEqual([0, Array(3).fill('unchanged')]);
    const fixed = await told(['--asm', good, ...ONE, '--baseline', file]);
    expect([fixed.code, fixed.findings.map(({ status }) => status)]).toEqual([0, Array(3).fill('fixed')]);
    const other = await told(['--asm', late, ...WHERE, '--scenario', 'open', '--baseline', file]);
    expect([other.code, other.findings.map(({ status }) => status)]).toEqual([
      2,
      Array(3).fill('not comparable'),
    ]);
    const bad = await sigsweep(['check', '--asm', late, ...ONE, '--baseline', good]);
    expect([bad.code, bad.err]).toEqual([3, expect.stringContaining('is no baseline: it is not JSON')]);
  });
});

describe('the mistakes of history', () => {
  it('each say what was wrong, when and how it was corrected, and where that is written', () => {
    const files = readdirSync('asm/history').filter((name) => name.endsWith('.expected'));
    expect(files.length).toBeGreaterThanOrEqual(15);
    for (const file of files) {
      const parsed = parseExpected(readFileSync(join('asm/history', file), 'utf8'), file);
      if (!parsed.ok) throw new Error(parsed.reason);
      const { facts, findings, fixedBy } = parsed.expected;
      expect([file, ...facts.keys()].sort()).toEqual([file, 'date', 'fix', 'reference', 'title'].sort());
      expect([file, findings.length > 0, fixedBy]).toEqual([file, true, 'FIXED=1']);
    }
  });

  it('are each found at their instruction, and their corrections are clean', async () => {
    const { code, findings, report } = await told(['asm/history', '--jobs', '1']);
    expect([code, report.verdict]).toEqual([0, 'clean']);
    expect(findings.filter(({ status }) => status !== 'unchanged')).toEqual([]);
    expect(report.trials.length).toBeGreaterThanOrEqual(30);
  }, 300_000);

  it('would be missed loudly', async () => {
    folder.write('none.S', point());
    folder.write(
      'none.expected',
      'replaces: __syscall_cp_asm\nscenario: read-data\nexpect: no-lost-effect read-data at __cp_end: popl %edi\n',
    );
    const { code, findings } = await told([folder.path, '--jobs', '1']);
    expect([code, findings.map(({ rule }) => rule)]).toEqual([1, ['not-found']]);
  });
});

describe('shards', () => {
  const late = folder.write('late.S', point('\tnop'));
  const plan = ['check', '--asm', late, ...WHERE, '--scenario', 'read-data', 'read-empty', 'open'];

  it('together are the unsharded run, byte for byte, and go on from what is there', async () => {
    const blobs = [1, 2].map((n) => join(folder.path, `${n}.blob`));
    for (const [i, blob] of blobs.entries())
      await sigsweep([...plan, '--shard', `${i + 1}/2`, '--blob', blob]);
    const whole = await sigsweep(plan);
    expect(await sigsweep(['merge', ...blobs])).toEqual(whole);
    const one = await sigsweep(['merge', blobs[0] ?? '']);
    expect(one.out).toContain('in none of the blobs');
    // A line that was cut off is run again, the others are not: the blob ends up with the same lines.
    const [blob = ''] = blobs.filter((path) => readFileSync(path, 'utf8').split('\n').length > 2);
    const text = readFileSync(blob, 'utf8');
    writeFileSync(blob, text.slice(0, -20));
    const shard = `${blobs.indexOf(blob) + 1}/2`;
    await sigsweep([...plan, '--shard', shard, '--blob', blob]);
    expect(await sigsweep(['merge', ...blobs])).toEqual(whole);
  });

  it('of other code are refused', async () => {
    const blob = join(folder.path, 'other.blob');
    await sigsweep([...plan, '--shard', '1/2', '--blob', blob]);
    folder.write('late.S', point('\tnop\n\tnop'));
    const { code, err } = await sigsweep([...plan, '--shard', '1/2', '--blob', blob]);
    expect([code, err]).toEqual([3, expect.stringContaining('of another plan or of other code')]);
  });
});
