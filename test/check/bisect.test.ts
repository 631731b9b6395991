// The example of docs/ci.md: git bisect over versions of an assembly file, good, not buildable and bad, finds the commit.
import { execaSync } from 'execa';
import { afterAll, expect, it } from 'vitest';
import { point, scratch } from './assembly.js';
import { indented, shellIn } from './flows.js';

const repository = scratch();
afterAll(repository.remove);

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
    git('add', 'point.S');
    git('commit', '-q', '-m', name);
  }
  const { run } = shellIn(repository.path, 's#$# --scenario read-data --jobs 1#');
  const [start = '', bisect = ''] = indented('docs/ci.md').filter((line) => line.startsWith('git bisect'));
  run(start.replace('BAD', 'HEAD').replace('GOOD', 'HEAD~5'));
  expect(run(bisect)).toContain('is the first bad commit');
  expect(git('bisect', 'log')).toMatch(/# skip: \[[0-9a-f]+\] typo/);
  expect(git('log', '-1', '--format=%s', 'refs/bisect/bad')).toBe('late');
});
