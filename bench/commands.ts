/** Commands as a user runs them: wall time and memory of the whole process. */
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
/** Prints the peak memory of the process, in KiB, to descriptor 3 at its end. */
const REPORT_PEAK =
  "data:text/javascript,process.on('exit',()=>(process.getBuiltinModule('node:fs')).writeSync(3,String(process.resourceUsage().maxRSS)))";

export async function benchCommands(): Promise<void> {
  console.log('commands (limits: doctor 2 s, matrix 20 s and 500 MB)');
  for (const command of ['doctor', 'matrix']) {
    const { seconds, peakMiB, code } = await run([command]);
    console.log(
      `  ${command.padEnd(8)}  ${seconds.toFixed(1)} s  ${peakMiB.toFixed(0)} MB  exit code ${code}`,
    );
  }
}

function run(args: readonly string[]): Promise<{ seconds: number; peakMiB: number; code: number | null }> {
  const before = performance.now();
  const child = spawn(process.execPath, ['--import', REPORT_PEAK, MAIN, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let peak = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    peak += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ seconds: (performance.now() - before) / 1000, peakMiB: Number(peak) / 1024, code });
    });
  });
}
