// The flows of docs/ci.md and docs/scale.md, with the commands as they stand there and the variables that each system sets.
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { scratch } from './assembly.js';
import { checkoutIn, fenced, listOf, shellIn, stepsOf } from './flows.js';

const folders: ReturnType<typeof scratch>[] = [];
afterAll(() => {
  for (const folder of folders) folder.remove();
});

function workspace(): ReturnType<typeof scratch> & { at: (name: string) => string } {
  const folder = scratch();
  folders.push(folder);
  return { ...folder, at: (name) => join(folder.path, name) };
}

const CI = 'docs/ci.md';
const SCALE = 'docs/scale.md';

describe('docs/ci.md', () => {
  it('has a GitHub workflow whose steps leave annotations, a summary and SARIF', () => {
    const { path, at } = workspace();
    checkoutIn(path, 'musl-2011-returned');
    const { run } = shellIn(path);
    const [workflow = ''] = fenced(CI, 'yaml');
    const steps = stepsOf(workflow);
    expect(steps).toHaveLength(3);
    const printed = steps.map((step) => run(step, { GITHUB_STEP_SUMMARY: at('page.md') }));
    expect(printed[1]).toMatch(/^::notice title=sigsweep::asm\/history: nothing got worse/m);
    expect(readFileSync(at('page.md'), 'utf8')).toContain('| trial | before | now | findings |');
    const [, file = ''] = /sarif_file: (\S+)/.exec(workflow) ?? [];
    expect(JSON.parse(readFileSync(at(file), 'utf8')).version).toBe('2.1.0');
  });

  it("has a day's fuzz whose seed is the day", () => {
    const [, workflow = ''] = fenced(CI, 'yaml');
    expect(stepsOf(workflow).at(-1)).toBe('npm run fuzz:ci -- $(date -u +%Y%m%d)');
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const short = String(scripts['fuzz:ci']).replace('--time 30s', '--runs 40');
    const { stdout, exitCode } = execaSync('sh', ['-e', '-c', `${short} 20261124`]);
    expect([stdout, exitCode]).toEqual([expect.stringMatching(/seed 20261124/), 0]);
  });

  it('has a GitLab job that leaves what it says are its artifacts', () => {
    const { path, at } = workspace();
    checkoutIn(path, 'musl-2011-returned');
    const { run } = shellIn(path);
    const [, , job = ''] = fenced(CI, 'yaml');
    const script = listOf(job, 'script');
    expect(script).toHaveLength(2);
    const [setUp, check = ''] = script;
    // The same line as GitHub's.
    expect(fenced(CI, 'yaml')[0]).toContain(`run: ${setUp}`);
    expect(run(check)).toContain('nothing got worse; the check is complete');
    const [, file = ''] = /junit: (\S+)/.exec(job) ?? [];
    expect(readFileSync(at(file), 'utf8')).toMatch(/^<\?xml[\s\S]*failures="0" errors="0" skipped="0"/);
  });

  it('has lines for kselftest and glibc that end as those want it', () => {
    const { path, at } = workspace();
    checkoutIn(path, 'musl-2011-returned');
    const [lines = ''] = fenced(CI, 'sh');
    shellIn(path).run(lines);
    expect(readFileSync(at('musl.ktap'), 'utf8')).toMatch(/^KTAP version 1\n1\.\.1\nok 1 read-data/);
  });
});

describe('docs/scale.md', () => {
  // The plan of a night, cut down to three scenarios on one image, in two words of the page's commands.
  const narrow = 's#--vdso all#--vdso 6.1-686/sysenter --jobs 1 --scenario read-data read-empty open#';
  const [alone = '', slurm = ''] = fenced(SCALE, 'sh');
  const [github = '', gitlab = '', kubernetes = ''] = fenced(SCALE, 'yaml');

  const { path, at } = workspace();
  mkdirSync(at('build'));
  symlinkSync(resolve('fixtures/cache/libc/musl-1.2.3/lib'), at('build/lib'));
  const { run } = shellIn(path, narrow);
  const whole = () => run('npx sigsweep check --libc build/lib --vdso all');
  /** Every system's part is the same file: the parts of the first one, made anew. */
  const parts = new Map<string, string>();

  it('has two parts that together are the whole', () => {
    run(alone.replace(/^npx sigsweep merge.*$/m, ''));
    const [merge = ''] = /^npx sigsweep merge.*$/m.exec(alone) ?? [];
    expect(run(merge)).toBe(whole());
    expect(JSON.parse(readFileSync(at('all.sarif'), 'utf8')).runs).toHaveLength(1);
    run('rm *.blob');
  });

  it('has a matrix of GitHub whose last job prints the whole', () => {
    const [, part = '', , merge = ''] = stepsOf(github);
    for (const shard of ['1', '2', '3', '4']) {
      run(part.replaceAll(/\$\{\{ matrix\.shard \}\}/g, shard));
      parts.set(shard, readFileSync(at(`${shard}.blob`), 'utf8'));
    }
    expect(run(merge)).toBe(whole());
    run('rm *.blob');
  });

  it('has parallel jobs of GitLab and a Slurm array, which make the same parts', () => {
    const [gitlabPart = ''] = listOf(gitlab, 'script');
    for (const [command, index, count] of [
      [gitlabPart, 'CI_NODE_INDEX', 'CI_NODE_TOTAL'],
      [slurm, 'SLURM_ARRAY_TASK_ID', 'SLURM_ARRAY_TASK_COUNT'],
    ] as const)
      for (const shard of ['1', '4']) {
        run(command, { [index]: shard, [count]: '4' });
        expect(readFileSync(at(`${shard}.blob`), 'utf8')).toBe(parts.get(shard));
        run('rm *.blob');
      }
  });

  it('has an indexed Job of Kubernetes, whose index counts from 0', () => {
    const [shell, option, script = ''] = listOf(kubernetes, 'command');
    expect([shell, option]).toEqual(['sh', '-c']);
    mkdirSync(at('results'));
    const here = script.replaceAll('/results/', `${path}/results/`);
    for (const index of [0, 3]) {
      run(here, { JOB_COMPLETION_INDEX: String(index) });
      expect(readFileSync(at(`results/${index}.blob`), 'utf8')).toBe(parts.get(String(index + 1)));
    }
  });
});
