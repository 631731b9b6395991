// Runs a command line in this process and keeps what it wrote as text; any part of the outside may be another one.
import type { Io } from '../../src/cli/io.js';
import { main } from '../../src/cli/program.js';

export interface TextResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function sigsweep(argv: readonly string[], changes: Partial<Io> = {}): Promise<TextResult> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const code = await main(argv, {
    out: (data) => void out.push(Buffer.from(data)),
    err: (data) => void err.push(Buffer.from(data)),
    progress: false,
    colour: false,
    ...changes,
  });
  return { code, out: Buffer.concat(out).toString('utf8'), err: Buffer.concat(err).toString('utf8') };
}

/** An image that every set-up has unless its archive lost the package; the cells of these tests are small ones. */
export const IMAGE = '6.1-686/sysenter';

/** A matrix of two squares: one that is clean and one that is not. */
export const MATRIX = [
  ...['matrix', '--jobs', '1', '--vdso', IMAGE, '--scenario', 'read-empty'],
  ...['--design', 'pc-check', 'naive-vdso'],
];
