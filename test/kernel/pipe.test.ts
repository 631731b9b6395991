// Writes to a pipe from memory that ends early: what a real kernel (6.18) was seen to do.
import { describe, expect, test } from 'vitest';
import { errno } from '../../src/kernel/abi/errno.js';
import { addObject, addOpenFile } from '../../src/kernel/fs/descriptors.js';
import { pipeBytes, writePipe } from '../../src/kernel/fs/pipe.js';
import { type FileObject, O_WRONLY } from '../../src/kernel/fs/types.js';
import type { Call } from '../../src/kernel/state.js';
import { firstTask, makeKernel } from './helpers.js';

const CALL: Call = { nr: 4, args: [0, 0, 0, 0, 0, 0], form: 'int80', progress: null };

/** Writes `length` bytes of which `readable` can be read into a pipe that has `held` bytes. */
function written(held: number, readable: number, length: number): { result: unknown; has: number } {
  const kernel = makeKernel();
  const pipe = addObject(kernel, (id): FileObject => ({ kind: 'pipe', id, buffers: [] }));
  if (pipe.kind !== 'pipe') throw new Error('no pipe');
  const [, file] = [0, O_WRONLY].map((access) =>
    addOpenFile(kernel, { object: pipe.id, access, flags: 0, path: 'pipe' }),
  );
  if (file === undefined) throw new Error('no file');
  if (held > 0) pipe.buffers = [{ bytes: new Uint8Array(held), from: 0 }];
  const transfer = { kernel, task: firstTask(kernel), call: CALL, file };
  const outcome = writePipe(transfer, pipe, new Uint8Array(readable), length);
  return { result: outcome.kind === 'done' ? outcome.value : outcome.kind, has: pipeBytes(pipe) };
}

describe('a write to a pipe', () => {
  test.each([
    [0, 4, 8, -errno.EFAULT, 0],
    [0, 100, 8192, -errno.EFAULT, 0],
    [0, 4096, 8192, 4096, 4096],
    [0, 4196, 8192, 4096, 4096],
    [1, 4, 8, -errno.EFAULT, 1],
    [1, 50, 4200, -errno.EFAULT, 1],
    [1, 104, 4200, 104, 105],
    [1, 4150, 4200, 104, 105],
    [1, 4136, 8242, 50, 51],
    [1, 4196, 8242, 4146, 4147],
    [0, 8, 8, 8, 8],
  ])('into one with %d bytes, %d readable of %d: %d', (held, readable, length, result, has) => {
    expect(written(held, readable, length)).toEqual({ result, has });
  });
});
