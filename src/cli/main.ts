#!/usr/bin/env node
// The program's entry: loads the rest only here, so that missing packages are one line and not a stack.
import { processIo } from './io.js';

// `sigsweep matrix | head` closes the pipe early: that is no failure of the sweep.
process.stdout.on('error', (error: Error & { code?: string }) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  const { main } = await import('./program.js');
  process.exitCode = await main(process.argv.slice(2), processIo());
} catch (error) {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
  process.stderr.write(
    `sigsweep: a package is missing: get it with "npm ci" in the project's folder (${error.message.split('\n')[0]})\n`,
  );
  process.exitCode = 3;
}
