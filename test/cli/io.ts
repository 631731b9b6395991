// Runs a command line in this process and keeps what it wrote.
import type { Io } from '../../src/cli/io.js';
import { main } from '../../src/cli/program.js';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function cli(...argv: string[]): Promise<CliResult> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const io: Io = {
    out: (data) => void out.push(Buffer.from(data)),
    err: (data) => void err.push(Buffer.from(data)),
    progress: false,
    colour: false,
  };
  const code = await main(argv, io);
  return { code, out: Buffer.concat(out).toString('latin1'), err: Buffer.concat(err).toString('latin1') };
}
