// Cells that execute the same code are swept once; what they are given is what a sweep of their own gives.
import { beforeAll, describe, expect, it } from 'vitest';
import { allImages } from '../../src/suite/catalog.js';
import { executedCode } from '../../src/suite/executed.js';
import { runCells } from '../../src/suite/pool.js';
import { runSharing } from '../../src/suite/share.js';
import type { CellId, CellResult } from '../../src/suite/types.js';
import { cellId, MUSL } from './cells.js';

/** Two kernels of one form, in files of different size with the entry at different offsets; and one of another form. */
const [OLD, NEW, OTHER] = ['7.0-amd64/syscall', '7.3-amd64/syscall', '6.19-amd64/syscall'];
const IMAGES = [OLD, NEW, OTHER];
const ALIKE = ['pc-check', 'naive-vdso', 'unwind'];
/** Has addresses of the image in its own code, which therefore is another one with each image. */
const OWN = 'vdso-helpers';
const SCENARIOS = ['read-empty', 'nanosleep'];
const missing = IMAGES.filter((id) => !allImages().some((image) => image.ok && image.id === id));

const ids: CellId[] = IMAGES.flatMap((vdso) =>
  [...ALIKE, OWN].flatMap((design) => SCENARIOS.map((scenario) => cellId(design, scenario, vdso))),
);

const keyOf = (id: CellId): string => {
  const executed = executedCode(id);
  if (executed === null) throw new Error(`nothing is executed for ${JSON.stringify(id)}`);
  return executed.key;
};

describe.skipIf(missing.length > 0)('cells of the same code', () => {
  let shared: CellResult[] = [];
  let alone: CellResult[] = [];
  let swept = 0;

  beforeAll(async () => {
    shared = await runSharing(ids, { jobs: 1, onCell: (_done, total) => (swept = total) });
    alone = await runCells(ids, { jobs: 1 });
  }, 120_000);

  it('get what their own sweeps give, token hashes and addresses included', () => {
    const own = shared.map((cell) => {
      if (cell.kind === 'skipped') return cell;
      const { sameCodeAs: _, ...rest } = cell;
      return rest;
    });
    expect(own).toEqual(alone);
  });

  it('are swept once, and say for whom', () => {
    const twins = shared.flatMap((cell) => (cell.kind === 'swept' && cell.sameCodeAs ? [cell] : []));
    expect(twins.map(({ id }) => id.vdso)).toEqual(ALIKE.flatMap(() => SCENARIOS.map(() => NEW)));
    for (const { id, sameCodeAs } of twins) expect(sameCodeAs).toEqual({ ...id, vdso: OLD });
    expect(swept).toBe(ids.length - twins.length);
  });
});

describe.skipIf(missing.length > 0)('the key', () => {
  it('is the same every time', () => {
    const id = cellId('pc-check', 'read-empty', OLD);
    expect(executedCode(id)).toEqual(executedCode(id));
  });

  it('differs with the form of the entry, the kind of kernel, the design, the scenario and the library', () => {
    const some = [
      cellId('pc-check', 'read-empty', OLD),
      cellId('pc-check', 'read-empty', OTHER),
      cellId('pc-check', 'read-empty', 'rebuilt-i386/int80-2002'),
      cellId('pc-check', 'read-empty', 'rebuilt-amd64/int80-2002'),
      cellId('naive-vdso', 'read-empty', OLD),
      cellId('pc-check', 'read-data', OLD),
      { ...cellId('pc-check-glibc', 'read-empty', OLD), libc: 'glibc-2.41' },
    ];
    const keys = some.map((id) => (id.libc === MUSL ? keyOf(id) : (executedCode(id)?.key ?? 'not here')));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is none for a cell that cannot be run', () => {
    expect(executedCode({ ...cellId('pc-check', 'read-empty', OLD), libc: 'musl-0.0.1' })).toBeNull();
  });
});
