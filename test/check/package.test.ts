// The package: publint finds nothing, and the tarball has what is needed and nothing else.
import { execaSync } from 'execa';
import { publint } from 'publint';
import { describe, expect, it } from 'vitest';

describe('the package', () => {
  it('holds what is needed and nothing else', () => {
    const { stdout } = execaSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']);
    const parsed: unknown = JSON.parse(stdout);
    const [tarball] = Array.isArray(parsed) ? parsed : Object.values(parsed ?? {});
    const paths: string[] = tarball.files.map(({ path }: { path: string }) => path);
    for (const wanted of [
      'package.json',
      'README.md',
      'LICENSE',
      'asm/history/README.md',
      'baselines/musl-1.2.3.json',
    ])
      expect(paths).toContain(wanted);
    expect(paths).toContain('fixtures/programs/cancel/read-empty.c');
    // What the pages name.
    expect(paths).toEqual(expect.arrayContaining(['examples/program/reader.c', 'examples/consumer/point.S']));
    const meant =
      /^(dist|asm|baselines|scripts|docs|examples|fixtures\/programs)\/|^(fixtures\/lock\.json|package\.json|README\.md|LICENSE)$/;
    expect(paths.filter((path) => !meant.test(path))).toEqual([]);
    expect(paths.filter((path) => /\.map$|tsbuildinfo/.test(path))).toEqual([]);
  });

  it('is what publint wants', async () => {
    const { messages } = await publint({ pkgDir: '.', pack: 'npm' });
    expect(messages).toEqual([]);
  });
});
