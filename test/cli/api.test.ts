// sigsweep as a library: what the package exports, by its own name, from the compiled form; the README's example runs.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as api from '../../src/index.js';

function evaluate(code: string): string {
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  expect(child.stderr).toBe('');
  return child.stdout;
}

describe('the package', () => {
  it('exports the same by its name as its source does', () => {
    const names = evaluate("console.log(Object.keys(await import('sigsweep')).sort().join())");
    expect(names.trim().split(',')).toEqual(Object.keys(api).sort());
  });

  it('runs the example of the README', () => {
    const example = /```js\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
    expect(evaluate(example)).toMatch(/^clean \d+ \d+\n$/);
  });

  it('finds images, a program and a world to run it in', () => {
    const image = api.listImages().find((entry) => entry.ok);
    const path = 'fixtures/cache/programs/musl-1.2.3/compat/hello';
    const program = api.parseElf(new Uint8Array(readFileSync(path)), path);
    if (!image?.ok || !program.ok) throw new Error('no image or program');
    const made = api.createWorld({ program: program.elf, vdso: image.image, args: ['hello'] });
    if (!made.ok) throw new Error(made.error.message);
    try {
      expect(made.world.run()).toMatchObject({ kind: 'ended', exit: { kind: 'exited', status: 0 } });
      expect(made.world.history.some((event) => event.kind === 'output')).toBe(true);
    } finally {
      made.world.close();
    }
  });

  it('judges a cell by all rules, in one thread or many', async () => {
    const id = { libc: 'musl-1.2.3', design: 'naive-vdso', vdso: '6.1-686/sysenter', scenario: 'read-empty' };
    const cell = api.runCell(id);
    expect(api.verdictOf(cell)).toBe('violation');
    expect(await api.runCells([id], { jobs: 1 })).toEqual([cell]);
    expect(api.RULES.length).toBeGreaterThanOrEqual(8);
  });

  it('refuses names that there are not with an error that has a code', () => {
    const id = { libc: 'musl-1.2.3', design: 'x', vdso: 'host', scenario: 'read-empty' };
    expect(() => api.runCell(id)).toThrow(expect.objectContaining({ code: 'UNKNOWN_NAME' }));
  });
});
