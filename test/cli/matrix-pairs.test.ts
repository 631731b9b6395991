// `matrix --pairs` is `sigsweep pairs` for many designs: the same counts, whoever asks.
import { describe, expect, it } from 'vitest';
import { sigsweep } from './text.js';

const WHERE = ['--vdso', '6.1-686/int80'];

interface Counts {
  readonly orders: readonly { readonly pairs: number; readonly violating: number }[];
}

describe('matrix --pairs', () => {
  it('gives what pairs gives for each design', async () => {
    const designs = ['pc-check', 'sync-signal'];
    const { code, out } = await sigsweep([
      ...['matrix', '--pairs', 'restart', '--design', ...designs, ...WHERE, '--jobs', '1', '--json'],
    ]);
    expect(code).toBe(0);
    const { cells } = JSON.parse(out) as { readonly cells: readonly Counts[] };
    for (const [i, design] of designs.entries()) {
      const alone = await sigsweep(['pairs', 'read-empty', '--design', design, ...WHERE, '--json']);
      const { orders } = JSON.parse(alone.out) as Counts;
      expect(cells[i]?.orders).toEqual(orders);
      expect(orders.every(({ pairs }) => pairs > 1000)).toBe(true);
    }
    expect(cells.map(({ orders }) => orders.some(({ violating }) => violating > 0))).toEqual([false, true]);
  });

  it('refuses a handler that there is not', async () => {
    const { code, err } = await sigsweep(['matrix', '--pairs', 'nothing']);
    expect([code, err]).toEqual([64, expect.stringMatching(/^sigsweep: no handler nothing; there are /)]);
  });
});
