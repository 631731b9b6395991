// Paths of the in-memory tree.

import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  childrenOf,
  createDirectory,
  createFile,
  lookUp,
  normalise,
  parentOf,
  plantTree,
} from '../../src/kernel/fs/tree.js';
import { makeKernel } from './helpers.js';

const part = fc.constantFrom('a', 'b', '.', '..', '', 'tmp');

describe('a path', () => {
  it('is resolved as POSIX does without symbolic links', () => {
    fc.assert(
      fc.property(fc.array(part), fc.array(part), fc.boolean(), (cwd, rest, absolute) => {
        const from = path.posix.normalize(`/${cwd.join('/')}`);
        const text = (absolute ? '/' : '') + rest.join('/');
        expect(normalise(from, text)).toBe(path.posix.resolve('/', from, text));
      }),
    );
  });

  it('has a parent; the root is its own', () => {
    expect(['/a/b', '/a', '/'].map(parentOf)).toEqual(['/a', '/', '/']);
  });
});

describe('the tree', () => {
  const planted = () => {
    const kernel = makeKernel();
    plantTree(kernel);
    return kernel;
  };

  it('has the directories and devices a program expects', () => {
    const kernel = planted();
    for (const known of ['/', '/tmp', '/dev/null', '/dev/zero']) expect(lookUp(kernel, known).ok).toBe(true);
    expect(childrenOf(kernel, '/dev').map(({ name }) => name)).toEqual(['full', 'null', 'urandom', 'zero']);
  });

  it('says ENOENT for what is missing and ENOTDIR below a file', () => {
    const kernel = planted();
    createFile(kernel, '/etc/f', 0o644);
    expect(lookUp(kernel, '/etc/x')).toEqual({ ok: false, error: 2 });
    expect(lookUp(kernel, '/etc/x/y')).toEqual({ ok: false, error: 2 });
    expect(lookUp(kernel, '/etc/f/y')).toEqual({ ok: false, error: 20 });
    expect(lookUp(kernel, '/etc/f/y/z')).toEqual({ ok: false, error: 20 });
    expect(createFile(kernel, '/etc/f/y', 0o644)).toEqual({ ok: false, error: 20 });
    expect(createDirectory(kernel, '/none/x')).toEqual({ ok: false, error: 2 });
  });

  it('forgets what has no link', () => {
    const kernel = planted();
    const made = createFile(kernel, '/etc/f', 0o644);
    if (!made.ok || made.entry.kind !== 'regular') throw new Error('not made');
    made.entry.links = 0;
    expect(lookUp(kernel, '/etc/f').ok).toBe(false);
    expect(childrenOf(kernel, '/etc')).toEqual([]);
  });
});
