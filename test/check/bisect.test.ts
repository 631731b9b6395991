// The example of docs/ci.md: git bisect over versions of an assembly file, good, not buildable and bad, finds the commit.
import { resolve } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, expect, it } from 'vitest';
import { point, scratch } from './assembly.js';

const repository = scratch();
afterAll(repository.remove);

const MAIN = resolve('dist/cli/main.js');
const CHECK = `check --asm point.S --replaces __syscall_cp_asm --scenario read-data --jobs 1 --exit-style bisect`;

function git(...args: string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example', '-c', 'init.defaultBranch=main'];
  return execaSync('git', [...who, ...args], { cwd: repository.path }).stdout;
}

it('git bisect run finds the commit that broke the point, past one that does not assemble', () => {
  const versions = [
    ['first', point()],
    ['comment', `# a point\n${point()}`],
    ['typo', point('\tnopp')],
    ['corrected', `# corrected\n${point()}`],
    ['late', point('\tnop')],
    ['last', `# the point\n${point('\tnop')}`],
  ] as const;
  git('init', '-q');
  for (const [name, text] of versions) {
    repository.write('point.S', text);
    git('add', '.');
    git('commit', '-q', '-m', name);
  }
  git('bisect', 'start', 'HEAD', 'HEAD~5');
  // What does not assemble is skipped by the script, as a build that fails would be.
  const script = `as --32 -o /dev/null point.S || exit 125; "${process.execPath}" "${MAIN}" ${CHECK}`;
  const run = execaSync('git', ['bisect', 'run', 'sh', '-c', script], {
    cwd: repository.path,
    reject: false,
  });
  expect(run.stdout).toContain('is the first bad commit');
  expect(git('bisect', 'log')).toMatch(/# skip: \[[0-9a-f]+\] typo/);
  expect(git('log', '-1', '--format=%s', 'refs/bisect/bad')).toBe('late');
});
